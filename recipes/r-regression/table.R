# The one table: its encoding, delimiter and decimal mark found, every cell as text or missing.

MISSING <- c("", ".", "-", "na", "n/a", "nan", "null", "#n/a", "#i/t", "uoplyst", "ikke oplyst", "mangler")
LARGEST <- 500e6 # bytes

find_table <- function() {
  files <- list.files("input", full.names = TRUE)
  files <- files[!dir.exists(files)]
  if (!length(files)) cannot_go_on("stop-no-input")
  tables <- files[tolower(tools::file_ext(files)) %in% ENDINGS]
  if (!length(tables)) tables <- files
  if (length(tables) > 1) cannot_go_on("stop-many-inputs", n = length(tables))
  tables
}

read_table <- function(path, params) {
  size <- file.size(path)
  name <- basename(path)
  if (is.na(size) || size == 0) cannot_go_on("stop-empty", file = name)
  if (size > LARGEST) cannot_go_on("stop-large", file = name)
  bytes <- readBin(path, "raw", size)
  if (length(bytes) >= 2 && ((bytes[1] == 0xff && bytes[2] == 0xfe) || (bytes[1] == 0xfe && bytes[2] == 0xff))) {
    text <- iconv(list(bytes), "UTF-16", "UTF-8")
    encoding <- "UTF-16"
  } else {
    if (any(bytes == 0)) cannot_go_on("stop-binary", file = name)
    text <- rawToChar(bytes)
    encoding <- if (validUTF8(text)) "UTF-8" else "Windows-1252"
    text <- if (encoding == "UTF-8") `Encoding<-`(text, "UTF-8") else iconv(text, "WINDOWS-1252", "UTF-8", sub = "?")
  }
  text <- sub("^\ufeff", "", text)
  lines <- strsplit(gsub("\r\n?", "\n", text), "\n", fixed = TRUE)[[1]]
  lines <- lines[nzchar(trimws(lines))]
  if (length(lines) && grepl("^sep=.$", lines[1])) lines <- lines[-1] # what Excel may write first
  if (length(lines) < 2) cannot_go_on("stop-no-rows", file = name)
  delimiter <- find_delimiter(lines)
  cells <- tryCatch(
    withCallingHandlers(
      utils::read.table(
        text = lines, sep = delimiter, header = FALSE, quote = "\"", colClasses = "character", comment.char = "",
        fill = TRUE, strip.white = TRUE, na.strings = character(0), check.names = FALSE, encoding = "UTF-8"
      ),
      warning = function(warning) invokeRestart("muffleWarning")
    ),
    error = function(error) cannot_go_on("stop-not-table", file = name, why = conditionMessage(error))
  )
  heads <- trimws(unlist(cells[1, ], use.names = FALSE))
  cells <- cells[-1, , drop = FALSE]
  empty <- !nzchar(heads) & vapply(cells, function(column) all(!nzchar(column)), NA)
  cells <- cells[, !empty, drop = FALSE]
  heads <- heads[!empty]
  heads[!nzchar(heads)] <- paste0("column ", which(!nzchar(heads)))
  if (anyDuplicated(heads)) cannot_go_on("stop-same-name", name = quoted(heads[anyDuplicated(heads)]))
  if (ncol(cells) < 2) cannot_go_on("stop-one-column", file = name)
  codes <- c(MISSING, tolower(parts_of(gsub(",", ";", if (is.null(params$missing)) "" else params$missing, fixed = TRUE))))
  cells[] <- lapply(cells, function(column) ifelse(tolower(trimws(column)) %in% codes, NA, enc2utf8(column)))
  names(cells) <- heads
  rownames(cells) <- NULL
  mark <- switch(params$decimal, comma = ",", point = ".", find_mark(cells, delimiter))
  list(cells = cells, encoding = encoding, delimiter = delimiter, mark = mark)
}

# The delimiter that splits most lines as it splits the first.
find_delimiter <- function(lines) {
  some <- utils::head(lines, 200)
  some <- gsub("\"[^\"]*\"", "", some)
  score <- vapply(c(";", "\t", ",", "|"), function(one) {
    counts <- lengths(regmatches(some, gregexpr(one, some, fixed = TRUE)))
    if (counts[1] == 0) 0 else mean(counts == counts[1]) + counts[1] / 1e6
  }, 0)
  if (max(score) == 0) ";" else names(score)[which.max(score)]
}

# The decimal mark that more cells have; a file split by commas can hardly have it as a comma.
find_mark <- function(cells, delimiter) {
  some <- unlist(utils::head(cells, 500), use.names = FALSE)
  comma <- sum(grepl("^[-+]?[0-9]+,[0-9]+$", some))
  point <- sum(grepl("^[-+]?[0-9]+\\.[0-9]+$", some))
  if (comma == point) if (delimiter == ";") "," else "." else if (comma > point) "," else "."
}

# Cells as numbers; NULL when they are not all numbers.
as_numbers <- function(cells, mark) {
  known <- gsub("\u2212", "-", gsub("[\u00a0\u202f]", " ", cells[!is.na(cells)]), fixed = TRUE)
  known <- ifelse(grepl("^[-+]?[0-9]{1,3}( [0-9]{3})+([.,][0-9]+)?$", known), gsub(" ", "", known, fixed = TRUE), known)
  pattern <- paste0("^[-+]?([0-9]+", if (mark == ",") "," else "\\.", "?[0-9]*|", if (mark == ",") "," else "\\.", "[0-9]+)([eE][-+]?[0-9]+)?$")
  thousands <- if (mark == ",") "^[-+]?[1-9][0-9]{0,2}(\\.[0-9]{3})+(,[0-9]+)?$" else "^[-+]?[1-9][0-9]{0,2}(,[0-9]{3})+(\\.[0-9]+)?$"
  if (!length(known) || !all(grepl(pattern, known) | grepl(thousands, known))) return(NULL)
  if (any(grepl("^[-+]?0[0-9]", known))) return(NULL) # leading zeros: a code
  known <- gsub(if (mark == ",") "." else ",", "", known, fixed = TRUE)
  values <- rep(NA_real_, length(cells))
  values[!is.na(cells)] <- as.numeric(sub(",", ".", known, fixed = TRUE))
  values
}
