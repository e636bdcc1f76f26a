# A run's language: texts by key, and numbers, shares and lists as Danish or English writes them.

LANGUAGE <- if (grepl("^da", tolower(Sys.getenv("DKAI_LANG", "en")))) "da" else "en"
NBSP <- "\u00a0"

# A text with its {places} filled in.
words <- function(key, ...) {
  pair <- TEXTS[[key]]
  if (is.null(pair)) stop(paste("no text", key))
  text <- enc2utf8(pair[[if (LANGUAGE == "da") 1 else 2]])
  given <- list(...)
  for (name in names(given)) text <- gsub(paste0("{", name, "}"), enc2utf8(as.character(given[[name]])), text, fixed = TRUE)
  text
}

# A sentence for the person who started the run, and no more.
cannot_go_on <- function(key, ...) {
  stop(structure(class = c("cannot_go_on", "error", "condition"), list(message = words(key, ...), call = NULL)))
}

say <- function(line) cat(line, "\n", sep = "")
complain <- function(line) cat(line, "\n", sep = "", file = stderr())

# 1.240,5 in Danish, 1,240.5 in English, with a real minus.
marks <- function(text) {
  if (LANGUAGE == "da") text <- chartr(",.", ".,", text)
  gsub("-", "\u2212", text, fixed = TRUE)
}
whole <- function(value) marks(formatC(round(value), format = "d", big.mark = ","))

# About three significant digits: 0.914, 283, 12.5.
number <- function(value, digits = 3) {
  if (is.na(value)) return("\u2013")
  if (is.infinite(value)) return(if (value > 0) "\u221e" else "\u2212\u221e")
  if (abs(value) < 1e-9) return("0")
  if (abs(value) < 1e-4 || abs(value) >= 1e7) return(marks(formatC(value, format = "e", digits = digits - 1)))
  decimals <- max(0, digits - 1 - floor(log10(abs(value)) + 1e-12))
  marks(formatC(value, format = "f", digits = min(decimals, 6), big.mark = ","))
}
share <- function(value) paste0(marks(sprintf("%.0f", 100 * value)), if (LANGUAGE == "da") paste0(NBSP, "%") else "%")
p_value <- function(p) {
  if (is.na(p)) "\u2013" else if (p < 0.001) paste0("<", NBSP, marks("0.001")) else marks(sprintf("%.3f", p))
}
# A count of rows; 1 to 4 are hidden, as they could point at persons.
few <- function(count) if (count > 0 && count < 5) paste0("<", NBSP, "5") else whole(count)
quoted <- function(names) {
  paste(if (LANGUAGE == "da") paste0("\u00bb", names, "\u00ab") else paste0("\u201c", names, "\u201d"), collapse = ", ")
}
interval <- function(low, high) words("interval", low = number(low), high = number(high))
