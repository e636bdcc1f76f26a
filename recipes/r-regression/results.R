# The figures of the run for a program, and the table for a spreadsheet.

conclude <- function(question, held_out) {
  skill <- held_out$skill
  code <- if (is.na(skill)) "unknown" else if (!is.na(held_out$low) && held_out$low > 0 && skill >= 0.1) "yes" else
    if (!is.na(held_out$low) && held_out$low > 0) "little" else "no"
  shown <- if (is.na(skill)) "\u2013" else share(max(skill, -9.99))
  list(code = code, text = words(paste0("verdict-", code), outcome = quoted(question$outcome), skill = shown))
}

summarise <- function(table, question, fit, boot, held_out, flags, params, file) {
  family <- question$family
  list(
    recipe = "r-regression", version = VERSION, made = format(Sys.time(), "%Y-%m-%d %H:%M UTC", tz = "UTC"),
    r = paste(R.version$major, R.version$minor, sep = "."), verdict = conclude(question, held_out),
    file = list(
      name = file, encoding = table$encoding, delimiter = table$delimiter, decimal_mark = table$mark,
      rows = question$rows_in_file, columns = ncol(table$cells)
    ),
    outcome = question$outcome, event = question$event, family = family, why_family = question$why,
    rows = list(used = question$rows, without_outcome = question$no_outcome, left_out_for_gaps = question$rows_in_file - question$no_outcome - question$rows),
    predictors = I(question$predictors),
    left_out = stats::setNames(lapply(question$left_out, function(key) sub("^out-", "", key)), names(question$left_out)),
    determined_by_others = I(question$aliased),
    group = question$group,
    confidence = params$confidence, bootstrap_draws = boot$drawn, bootstrap_failed_share = round(boot$failed, 4),
    scale = switch(family, linear = "difference", logistic = "log odds", poisson = "log rate"),
    dispersion = fit$dispersion,
    explained_in_sample = 1 - fit$deviance / fit$null_deviance,
    cross_validation = list(
      folds = question$folds, repeats = params$repeats, skill = held_out$skill, interval = I(c(held_out$low, held_out$high)),
      rmse = held_out$error, rmse_of_mean = held_out$guess, auc = held_out$auc, failed = held_out$failed
    ),
    coefficients = lapply(seq_along(question$terms), function(at) list(
      term = colnames(question$X)[at], predictor = question$terms[[at]]$predictor, level = question$terms[[at]]$level,
      reference = question$terms[[at]]$reference, estimate = fit$estimate[at], standard_error = fit$error[at],
      interval = I(c(fit$low[at], fit$high[at])), bootstrap_interval = I(c(boot$low[at], boot$high[at])), p = fit$p[at],
      ratio = if (family == "linear") NULL else exp(fit$estimate[at])
    )),
    flags = I(vapply(flags, `[[`, "", "code")),
    parameters = params
  )
}

csv_table <- function(question, fit, boot) {
  danish <- LANGUAGE == "da"
  cell <- function(value) {
    if (is.character(value)) {
      if (grepl("^[-=+@\t]", value)) value <- paste0("'", value) # a spreadsheet would run it as a formula
      return(paste0("\"", gsub("\"", "\"\"", value, fixed = TRUE), "\""))
    }
    if (is.na(value)) return("")
    plain <- format(signif(value, 8), scientific = abs(value) < 1e-4 && value != 0, trim = TRUE)
    if (danish) sub(".", ",", plain, fixed = TRUE) else plain
  }
  heads <- c("term", "estimate", "standard_error", "ci_low", "ci_high", "bootstrap_low", "bootstrap_high", "p")
  if (question$family != "linear") heads <- c(heads, "ratio", "ratio_low", "ratio_high")
  lines <- vapply(seq_along(question$terms), function(at) {
    values <- list(colnames(question$X)[at], fit$estimate[at], fit$error[at], fit$low[at], fit$high[at], boot$low[at], boot$high[at], fit$p[at])
    if (question$family != "linear") values <- c(values, exp(fit$estimate[at]), exp(fit$low[at]), exp(fit$high[at]))
    paste(vapply(values, cell, ""), collapse = if (danish) ";" else ",")
  }, "")
  paste(c(paste(heads, collapse = if (danish) ";" else ","), lines), collapse = "\r\n")
}
