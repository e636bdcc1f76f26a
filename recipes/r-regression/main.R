# Regression that says how sure it is: one table, one outcome, estimates with intervals, and what they rest on.
#
# Reads ./params.json and the one table in ./input/, writes ./output/, says what it does and contacts nobody. Ends with a
# plain sentence and status 1 when it cannot go on. Base R only (4.0 or newer): nothing to install.
# This file is plain ASCII: it sets the locale before it reads the others, which are UTF-8.

VERSION <- "1.0"
ENDINGS <- c("csv", "tsv", "txt")

script_folder <- function() {
  given <- grep("^--file=", commandArgs(FALSE), value = TRUE)
  if (length(given)) dirname(sub("^--file=", "", given[1])) else "."
}

for (locale in c("C.UTF-8", "C.utf8", "en_US.UTF-8", "da_DK.UTF-8")) {
  if (nzchar(suppressWarnings(Sys.setlocale("LC_CTYPE", locale)))) break
}
options(warn = 1, scipen = 12, OutDec = ".")
SCRIPT <- script_folder()
for (part in c("texts", "words", "json", "params", "table", "design", "fit", "resample", "checks", "drawing", "results", "page")) {
  source(file.path(SCRIPT, paste0(part, ".R")), encoding = "UTF-8")
}

work <- function() {
  params <- read_params()
  file <- find_table()
  say(words("doing-read", file = basename(file)))
  table <- read_table(file, params)
  say(words("did-read", rows = whole(nrow(table$cells)), columns = ncol(table$cells)))
  question <- make_question(table, params)
  say(words("doing-fit", outcome = quoted(question$outcome), family = words(question$family), why = question$why))
  fit <- fit_model(question$X, question$y, question$family, params$confidence)
  say(words("doing-bootstrap", n = whole(question$bootstrap)))
  boot <- bootstrap(question, params)
  say(words("doing-cv", folds = question$folds, repeats = params$repeats))
  held_out <- cross_validate(question, params)
  flags <- check_assumptions(question, fit, boot)
  found <- summarise(table, question, fit, boot, held_out, flags, params, basename(file))
  write_out("results.json", to_json(found))
  write_out("table.csv", csv_table(question, fit, boot), bom = LANGUAGE == "da")
  pictures <- draw_all(question, fit, boot, params)
  for (name in names(pictures)) write_out(paste0(name, ".svg"), pictures[[name]]$alone)
  write_out("report.html", report_page(found, question, fit, boot, held_out, flags, pictures, params))
  for (flag in flags) say(paste("!", flag$text))
  say("")
  say(found$verdict$text)
  say(words("done"))
}

status <- tryCatch({
  work()
  0L
}, cannot_go_on = function(reason) {
  complain(conditionMessage(reason))
  1L
}, error = function(error) {
  complain(words("stop-unexpected", why = gsub("\\s+", " ", conditionMessage(error))))
  1L
})
quit(save = "no", status = status)
