# JSON (RFC 8259): base R has none. A strict reader for params.json, and a writer for results.json.

# The value of a JSON text. Objects are named lists, arrays lists, null NULL. Stops with an error on anything else.
from_json <- function(text) {
  chars <- strsplit(enc2utf8(text), "", fixed = TRUE)[[1]]
  at <- 1L
  fail <- function(what) stop(sprintf("%s at character %d", what, at), call. = FALSE)
  look <- function() if (at <= length(chars)) chars[at] else ""
  take <- function() {
    one <- look()
    at <<- at + 1L
    one
  }
  blank <- function() while (look() %in% c(" ", "\t", "\n", "\r")) at <<- at + 1L
  expect <- function(what) for (char in strsplit(what, "")[[1]]) if (take() != char) fail(paste("expected", what))
  text_value <- function() {
    expect("\"")
    parts <- character(0)
    repeat {
      one <- take()
      if (one == "") fail("a text does not end")
      if (one == "\"") return(paste(parts, collapse = ""))
      if (one == "\\") {
        code <- take()
        plain <- c("\"" = "\"", "\\" = "\\", "/" = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t")
        if (code %in% names(plain)) {
          one <- plain[[code]]
        } else if (code == "u") {
          value <- hex()
          if (value >= 0xD800 && value <= 0xDBFF) { # a pair of halves
            expect("\\u")
            low <- hex()
            if (low < 0xDC00 || low > 0xDFFF) fail("half a character")
            value <- 0x10000 + (value - 0xD800) * 1024 + (low - 0xDC00)
          } else if (value >= 0xDC00 && value <= 0xDFFF) {
            fail("half a character")
          }
          if (value == 0) fail("a null character")
          one <- intToUtf8(value)
        } else {
          fail("an unknown escape")
        }
      } else if (utf8ToInt(one) < 32) {
        fail("a control character")
      }
      parts[length(parts) + 1L] <- one
    }
  }
  hex <- function() {
    digits <- paste(c(take(), take(), take(), take()), collapse = "")
    if (!grepl("^[0-9A-Fa-f]{4}$", digits)) fail("a bad \\u")
    strtoi(digits, 16L)
  }
  number_value <- function() {
    start <- at
    while (grepl("^[-+.0-9eE]$", look())) at <<- at + 1L
    text <- paste(chars[seq_len(at - start) + start - 1L], collapse = "")
    if (!grepl("^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?$", text)) fail("a bad number")
    as.numeric(text)
  }
  value <- function(depth = 0L) {
    if (depth > 50L) fail("nested too deep")
    blank()
    one <- look()
    result <- if (one == "{") {
      at <<- at + 1L
      found <- list()
      blank()
      if (look() == "}") {
        at <<- at + 1L
      } else {
        repeat {
          blank()
          name <- text_value()
          blank()
          expect(":")
          found[name] <- list(value(depth + 1L))
          blank()
          end <- take()
          if (end == "}") break
          if (end != ",") fail("expected , or }")
        }
      }
      found
    } else if (one == "[") {
      at <<- at + 1L
      found <- list()
      blank()
      if (look() == "]") {
        at <<- at + 1L
      } else {
        repeat {
          found[length(found) + 1L] <- list(value(depth + 1L))
          blank()
          end <- take()
          if (end == "]") break
          if (end != ",") fail("expected , or ]")
        }
      }
      found
    } else if (one == "\"") {
      text_value()
    } else if (one == "t") {
      expect("true")
      TRUE
    } else if (one == "f") {
      expect("false")
      FALSE
    } else if (one == "n") {
      expect("null")
      NULL
    } else {
      number_value()
    }
    blank()
    result
  }
  result <- value()
  if (at <= length(chars)) fail("more than one value")
  result
}

# A value as JSON. A named list is an object, any other list and a vector longer than one an array; NA is null.
# I(x) keeps a vector of one an array.
to_json <- function(value, indent = "") {
  inner <- paste0(indent, "  ")
  if (is.null(value)) return("null")
  if (is.list(value) && !is.null(names(value))) {
    if (!length(value)) return("{}")
    rows <- vapply(names(value), function(name) {
      paste0(inner, json_text(name), ": ", to_json(value[[name]], inner))
    }, "")
    return(paste0("{\n", paste(rows, collapse = ",\n"), "\n", indent, "}"))
  }
  if (is.list(value) || length(value) != 1 || inherits(value, "AsIs")) {
    if (!length(value)) return("[]")
    items <- vapply(seq_along(value), function(n) to_json(if (is.list(value)) value[[n]] else unclass(value)[[n]], inner), "")
    if (!is.list(value)) return(paste0("[", paste(items, collapse = ", "), "]"))
    return(paste0("[\n", paste0(inner, items, collapse = ",\n"), "\n", indent, "]"))
  }
  if (is.na(value)) return("null")
  if (is.character(value)) return(json_text(value))
  if (is.logical(value)) return(if (value) "true" else "false")
  if (is.infinite(value)) return("null")
  format(value, digits = 12, trim = TRUE, scientific = abs(value) > 1e15 || (value != 0 && abs(value) < 1e-5))
}

json_text <- function(text) {
  text <- gsub("\\", "\\\\", enc2utf8(text), fixed = TRUE)
  text <- gsub("\"", "\\\"", text, fixed = TRUE)
  for (code in 1:31) {
    char <- intToUtf8(code)
    if (grepl(char, text, fixed = TRUE)) text <- gsub(char, sprintf("\\u%04x", code), text, fixed = TRUE)
  }
  paste0("\"", text, "\"")
}
