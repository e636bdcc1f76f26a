# What the estimates rest on, looked at, and said in words where it does not hold.

check_assumptions <- function(question, fit, boot) {
  flags <- list()
  tell <- function(code, ...) flags[[length(flags) + 1]] <<- list(code = code, text = words(paste0("flag-", code), ...))
  n <- question$rows
  lost <- question$rows_in_file - question$no_outcome - n
  if (lost > 0.1 * (n + lost)) tell("missing", n = whole(lost), share = share(lost / (n + lost)))
  per_term <- min(n, if (question$family == "logistic") 2 * min(sum(question$y), sum(1 - question$y)) else n) / max(1, ncol(question$X) - 1)
  if (per_term < 10) tell("few", n = number(per_term, 2))
  if (length(question$aliased)) tell("aliased", names = quoted(question$aliased))
  if (!fit$converged || (question$family == "logistic" && max(abs(fit$error)) > 1e3)) {
    tell("separation")
  }
  factors <- inflation(question$X, question$terms)
  high <- names(factors)[factors > 5]
  if (length(high)) tell("collinear", names = quoted(high), vif = number(max(factors), 2))
  if (question$family == "linear") {
    bend <- bend_test(question, fit)
    if (bend < 0.01) tell("bend", p = p_value(bend))
    uneven <- spread_test(fit)
    if (uneven < 0.01) tell("spread", p = p_value(uneven))
    z <- fit$standard - mean(fit$standard)
    skew <- mean(z^3) / mean(z^2)^1.5
    if (abs(skew) > 1) tell("skew", value = number(skew, 2))
  }
  if (question$family == "poisson" && fit$dispersion > 1) tell("overdispersed", value = number(fit$spread, 2))
  strong <- sum(fit$cook > 1)
  if (strong) tell("influence", n = few(strong))
  if (is.finite(boot$failed) && boot$failed > 0.05) tell("bootstrap", share = share(boot$failed))
  differ <- which((boot$low > 0) != (fit$low > 0) | (boot$high < 0) != (fit$high < 0))
  differ <- setdiff(differ[!is.na(boot$low[differ])], 1)
  if (length(differ)) tell("differ", names = quoted(colnames(question$X)[differ]))
  small <- Filter(function(at) question$terms[[at]]$kind == "category" && sum(question$X[, at]) < 10, seq_along(question$terms))
  if (length(small)) tell("small-level", names = quoted(colnames(question$X)[small]))
  if (is.null(question$group)) {
    repeated <- names(question$levels)[vapply(question$levels, function(levels) length(levels) > 10, NA)]
    if (length(repeated)) tell("group", names = quoted(repeated))
  }
  flags
}

# Variance inflation of each predictor; for one with several columns the generalised one, on the same scale
# (Fox & Monette 1992: GVIF^(1/df)).
inflation <- function(X, terms) {
  predictors <- vapply(terms, function(term) if (is.null(term$predictor)) "" else term$predictor, "")
  names_of <- setdiff(unique(predictors), "")
  if (length(names_of) < 2) return(stats::setNames(numeric(0), character(0)))
  R <- stats::cor(X[, predictors != "", drop = FALSE])
  own <- predictors[predictors != ""]
  whole_det <- det(R)
  vapply(stats::setNames(names_of, names_of), function(name) {
    at <- own == name
    (det(R[at, at, drop = FALSE]) * det(R[!at, !at, drop = FALSE]) / whole_det)^(1 / sum(at))
  }, 0)
}

# Ramsey's RESET (1969) with the square of the fitted values: does a bend improve the fit? A p-value.
bend_test <- function(question, fit) {
  squared <- as.vector(scale(fit$fitted))^2
  X <- cbind(question$X, squared)
  found <- stats::lm.fit(X, question$y)
  if (found$rank < ncol(X)) return(1)
  rest <- sum(found$residuals^2)
  free <- question$rows - ncol(X)
  stats::pf((fit$deviance - rest) / (rest / free), 1, free, lower.tail = FALSE)
}

# Breusch & Pagan's test (1979, as Koenker 1981 has it) along the fitted values: does the spread change? A p-value.
spread_test <- function(fit) {
  if (stats::sd(fit$fitted) == 0) return(1)
  r <- stats::cor(fit$residuals^2, fit$fitted)
  stats::pchisq(length(fit$residuals) * r^2, 1, lower.tail = FALSE)
}
