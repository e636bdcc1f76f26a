# The model fitted, with standard errors and intervals from its own theory.

FAMILIES <- list(linear = stats::gaussian(), logistic = stats::binomial(), poisson = stats::poisson())
OVERDISPERSED <- 1.5

# Coefficients only: what is done again thousands of times. NULL when it does not converge.
quick_fit <- function(X, y, family) {
  if (family == "linear") {
    found <- stats::.lm.fit(X, y)
    if (found$rank < ncol(X)) return(NULL)
    return(found$coefficients)
  }
  found <- tryCatch(
    suppressWarnings(stats::glm.fit(X, y, family = FAMILIES[[family]], control = list(maxit = 50))),
    error = function(error) NULL
  )
  if (is.null(found) || !found$converged || anyNA(found$coefficients)) return(NULL)
  found$coefficients
}

# The fit. For counts that vary more than a Poisson law allows, the standard errors are widened (quasi-Poisson).
fit_model <- function(X, y, family, confidence) {
  n <- nrow(X)
  p <- ncol(X)
  if (family == "linear") {
    found <- stats::lm.fit(X, y)
    fitted <- as.vector(found$fitted.values)
    weights <- rep(1, n)
    dispersion <- sum(found$residuals^2) / (n - p)
    converged <- TRUE
    root <- found$qr
    residuals <- as.vector(y - fitted)
    hat <- rowSums(qr.Q(root)^2)
    standard <- residuals / sqrt(pmax(dispersion * (1 - hat), 1e-12))
    deviance <- sum(residuals^2)
    null_deviance <- sum((y - mean(y))^2)
  } else {
    found <- suppressWarnings(stats::glm.fit(X, y, family = FAMILIES[[family]], control = list(maxit = 100)))
    fitted <- as.vector(found$fitted.values)
    weights <- found$weights
    converged <- found$converged && !isTRUE(found$boundary)
    root <- found$qr
    pearson <- (y - fitted) / sqrt(pmax(FAMILIES[[family]]$variance(fitted), 1e-12))
    spread <- sum(pearson^2) / (n - p)
    dispersion <- if (family == "poisson" && spread > OVERDISPERSED) spread else 1
    residuals <- as.vector(y - fitted)
    hat <- rowSums(qr.Q(root)^2)
    standard <- pearson / sqrt(pmax(dispersion * (1 - hat), 1e-12))
    deviance <- found$deviance
    null_deviance <- found$null.deviance
  }
  covariance <- dispersion * chol2inv(qr.R(root))
  back <- order(root$pivot)
  covariance <- covariance[back, back, drop = FALSE]
  estimate <- as.vector(found$coefficients)
  error <- sqrt(diag(covariance))
  by_t <- family == "linear" || dispersion != 1
  statistic <- estimate / error
  p_values <- 2 * if (by_t) stats::pt(-abs(statistic), n - p) else stats::pnorm(-abs(statistic))
  wide <- if (by_t) stats::qt(1 - (1 - confidence) / 2, n - p) else stats::qnorm(1 - (1 - confidence) / 2)
  list(
    estimate = estimate, error = error, low = estimate - wide * error, high = estimate + wide * error, p = p_values,
    fitted = fitted, residuals = residuals, standard = standard, hat = hat, dispersion = dispersion,
    spread = if (family == "linear") NA else spread, converged = converged, deviance = deviance,
    null_deviance = null_deviance, cook = standard^2 * hat / (p * pmax(1 - hat, 1e-9))
  )
}

# Estimates as they are read: differences for amounts, ratios (of odds, of rates) for the others.
as_read <- function(values, family) if (family == "linear") values else exp(values)
