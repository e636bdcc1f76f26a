# The report as one HTML page that needs nothing else: pictures inline, no script, nothing from the network.

h2 <- function(key) paste0("<h2>", escaped(words(key)), "</h2>")
paragraph <- function(text, look = "") sprintf("<p class=\"%s\">%s</p>", look, escaped(text))
bullets <- function(items) paste0("<ul>", paste0("<li>", vapply(items, escaped, ""), "</li>", collapse = ""), "</ul>")
tile <- function(big, small) sprintf("<div class=\"tile\"><b>%s</b><span>%s</span></div>", escaped(big), escaped(small))

html_table <- function(heads, rows, numbers = integer(0)) {
  look <- function(n) if (n %in% numbers) " class=\"n\"" else ""
  head <- paste0(vapply(seq_along(heads), function(n) sprintf("<th%s>%s</th>", look(n), escaped(heads[n])), ""), collapse = "")
  body <- vapply(rows, function(row) {
    paste0("<tr>", paste0(vapply(seq_along(row), function(n) sprintf("<td%s>%s</td>", look(n), row[n]), ""), collapse = ""), "</tr>")
  }, "")
  paste0("<div class=\"scroll\"><table><thead><tr>", head, "</tr></thead><tbody>", paste(body, collapse = ""), "</tbody></table></div>")
}

report_page <- function(found, question, fit, boot, held_out, flags, pictures, params) {
  title <- words("title", outcome = quoted(question$outcome))
  family <- question$family
  figure <- function(name, key, ...) {
    paste0("<figure>", pictures[[name]]$inside, "<figcaption>", escaped(words(key, ...)), "</figcaption></figure>")
  }
  level <- share(params$confidence)
  second <- if (family == "linear") {
    tile(number(held_out$error), words("tile-error", guess = number(held_out$guess)))
  } else if (family == "logistic") {
    tile(number(held_out$auc, 2), words("tile-auc"))
  } else {
    tile(number(fit$spread, 2), words("tile-spread"))
  }
  body <- c(
    sprintf("<p class=\"kicker\">%s</p><h1>%s</h1>", escaped(words("kicker")), escaped(title)),
    paragraph(found$verdict$text, "answer"),
    paragraph(words("lead-cause"), "lead"),
    "<div class=\"tiles\">",
    tile(if (is.na(held_out$skill)) "\u2013" else share(max(held_out$skill, -9.99)), words(
      paste0("tile-skill-", family), low = if (is.na(held_out$low)) "\u2013" else share(max(held_out$low, -9.99)),
      high = if (is.na(held_out$high)) "\u2013" else share(held_out$high)
    )),
    second, tile(whole(question$rows), words("tile-rows", of = whole(question$rows_in_file))),
    tile(as.character(ncol(question$X) - 1), words("tile-terms")), "</div>",
    h2(paste0("figure-coefficients-", family)),
    figure("coefficients", paste0("caption-coefficients-", family), level = level),
    h2("h-estimates"), coefficient_table(question, fit, boot, level), paragraph(words("estimates-note", level = level), "soft"),
    h2("h-flags"),
    if (length(flags)) vapply(flags, function(flag) paragraph(flag$text, "note"), "") else paragraph(words("no-flags")),
    h2(if (family == "linear") "figure-residuals" else "figure-calibration"),
    figure("fit", if (family == "linear") "caption-residuals" else "caption-calibration"),
    if (family == "linear") c(h2("figure-normal"), figure("normal", "caption-normal")),
    h2("h-data"), bullets(data_facts(found, question)),
    h2("h-method"), bullets(method(question, boot, params, level)),
    h2("h-next"), bullets(vapply(c("next-1", "next-2", "next-3"), words, "")),
    sprintf("<footer>%s</footer>", escaped(words("made", when = found$made, version = VERSION, r = found$r)))
  )
  paste0(
    "<!doctype html><html lang=\"", LANGUAGE, "\"><head><meta charset=\"utf-8\">",
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>", escaped(title), "</title><style>",
    style("light", "dark", "figure", "page"), "</style></head><body><main>", paste(body, collapse = ""), "</main></body></html>"
  )
}

coefficient_table <- function(question, fit, boot, level) {
  family <- question$family
  rows <- lapply(seq_along(question$terms), function(at) {
    term <- question$terms[[at]]
    name <- if (at == 1) words("intercept") else colnames(question$X)[at]
    against <- if (term$kind == "category") paste0("<small>", escaped(words("against", level = term$reference)), "</small>") else ""
    estimate <- as_read(fit$estimate[at], family)
    bounds <- function(low, high) if (is.na(low)) "\u2013" else escaped(interval(as_read(low, family), as_read(high, family)))
    c(
      paste0(escaped(name), against), paste0(escaped(number(estimate)), "<small>", bounds(fit$low[at], fit$high[at]), "</small>"),
      bounds(boot$low[at], boot$high[at]), escaped(p_value(fit$p[at]))
    )
  })
  html_table(c(words("col-term"), words(paste0("col-estimate-", family)), words("col-boot"), "p"), rows, 2:4)
}

data_facts <- function(found, question) {
  file <- found$file
  delimiter <- switch(file$delimiter, ";" = words("semicolon"), "," = words("comma"), "\t" = words("tab"), file$delimiter)
  facts <- c(
    words("fact-file", file = file$name, rows = whole(file$rows), columns = file$columns, encoding = file$encoding, delimiter = delimiter, mark = words(if (file$decimal_mark == ",") "comma" else "point")),
    words(paste0("fact-", question$family), outcome = quoted(question$outcome), why = question$why, event = if (is.null(question$event)) "" else quoted(question$event))
  )
  if (question$no_outcome) facts <- c(facts, words("fact-no-outcome", n = few(question$no_outcome)))
  gaps <- question$gaps[question$gaps > 0]
  if (length(gaps)) {
    facts <- c(facts, words("fact-gaps", columns = paste(vapply(names(gaps), function(name) paste0(quoted(name), " (", few(gaps[[name]]), ")"), ""), collapse = ", ")))
  }
  if (length(question$left_out)) facts <- c(facts, words("fact-left-out", columns = said_left_out(question$left_out)))
  facts
}

method <- function(question, boot, params, level) {
  said <- c(words(paste0("method-", question$family)), words("method-boot", n = whole(boot$drawn), level = level))
  if (!is.null(question$group)) said <- c(said, words("method-group", group = quoted(question$group), n = max(question$groups)))
  c(
    said, words("method-cv", folds = question$folds, repeats = params$repeats, seed = params$seed, loss = words(paste0("loss-", question$family))),
    words("method-gaps"), words("method-checks")
  )
}
