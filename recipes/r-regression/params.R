# The parameters, defaults filled in, each checked. Without a params.json (a run by hand) all are defaults.

DEFAULTS <- list(
  outcome = NULL, predictors = NULL, family = "auto", event = NULL, group = NULL, missing = NULL, decimal = "auto",
  confidence = 0.95, bootstrap = 1000, folds = 5, repeats = 5, seed = 1
)
CHOICES <- list(family = c("auto", "linear", "logistic", "poisson"), decimal = c("auto", "comma", "point"))
RANGES <- list(
  confidence = c(0.5, 0.999), bootstrap = c(100, 20000), folds = c(2, 20), repeats = c(1, 50), seed = c(0, 999999)
)
NOT_WHOLE <- "confidence"
PARAMETERS <- c(
  "outcome", "predictors", "family", "event", "group", "missing", "decimal", "confidence", "bootstrap", "folds",
  "repeats", "seed"
)

read_params <- function() {
  params <- DEFAULTS
  if (file.exists("params.json")) {
    given <- tryCatch(from_json(read_utf8("params.json")), error = function(error) {
      cannot_go_on("stop-params", why = conditionMessage(error))
    })
    if (!is.list(given) || (length(given) && is.null(names(given)))) cannot_go_on("stop-params", why = "{}")
    for (name in intersect(names(given), PARAMETERS)) if (!is.null(given[[name]])) params[[name]] <- given[[name]]
  }
  for (name in names(params)) {
    value <- params[[name]]
    if (is.null(value)) next
    rule <- if (name %in% names(RANGES)) {
      low <- RANGES[[name]][1]
      high <- RANGES[[name]][2]
      right <- is.numeric(value) && length(value) == 1 && value >= low && value <= high &&
        (name == NOT_WHOLE || value == round(value))
      if (!right && name == NOT_WHOLE) {
        words("rule-number", low = number(low), high = number(high))
      } else if (!right) {
        words("rule-whole", low = whole(low), high = whole(high))
      }
    } else if (!is.character(value) || length(value) != 1) {
      words("rule-text")
    } else if (name %in% names(CHOICES) && !value %in% CHOICES[[name]]) {
      words("rule-choice", choices = paste(CHOICES[[name]], collapse = ", "))
    }
    if (!is.null(rule)) cannot_go_on("stop-param", name = name, value = to_json(value), rule = rule)
  }
  params
}

# Names with semicolons between them.
parts_of <- function(text) {
  if (is.null(text)) return(character(0))
  parts <- trimws(strsplit(text, ";", fixed = TRUE)[[1]])
  parts[nzchar(parts)]
}

read_utf8 <- function(path) {
  bytes <- readBin(path, "raw", file.size(path))
  text <- rawToChar(bytes[bytes != 0])
  Encoding(text) <- "UTF-8"
  text
}

# One result into output/. A byte-order mark makes Danish Excel read the letters.
write_out <- function(name, text, bom = FALSE) {
  done <- tryCatch({
    dir.create("output", showWarnings = FALSE)
    file <- file(file.path("output", name), "wb")
    on.exit(close(file))
    writeBin(charToRaw(paste0(if (bom) "\ufeff", enc2utf8(text), "\n")), file)
    TRUE
  }, error = function(error) conditionMessage(error), warning = function(warning) conditionMessage(warning))
  if (!isTRUE(done)) cannot_go_on("stop-output", why = done)
}
