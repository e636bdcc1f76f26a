# What the rows say when they are drawn anew: bootstrap intervals, and the fit to rows that the model has not seen.
# Every draw has its own seed, so that the numbers do not depend on how many cores there are.

cores <- function() {
  if (.Platform$OS.type == "windows") return(1L) # R forks nothing there
  given <- suppressWarnings(as.integer(Sys.getenv("SLURM_CPUS_PER_TASK", "")))
  if (!is.na(given) && given > 0) return(given)
  found <- suppressWarnings(parallel::detectCores())
  if (is.na(found)) 1L else min(found, 16L)
}

on_all_cores <- function(items, work) {
  used <- cores()
  if (used <= 1 || length(items) < 2) return(lapply(items, work))
  # A core takes a run of items at once: starting a process costs more than one small fit.
  pieces <- split(items, cut(seq_along(items), min(used, length(items)), labels = FALSE))
  found <- parallel::mclapply(pieces, function(piece) lapply(piece, work), mc.cores = used, mc.set.seed = FALSE)
  if (any(vapply(found, inherits, NA, "try-error")) || any(vapply(found, is.null, NA))) cannot_go_on("stop-cores")
  unlist(found, recursive = FALSE, use.names = FALSE)
}

# Percentile intervals of the coefficients (Efron 1979). With groups, whole groups are drawn.
bootstrap <- function(question, params) {
  n <- question$rows
  members <- if (is.null(question$groups)) NULL else split(seq_len(n), question$groups)
  draws <- on_all_cores(seq_len(question$bootstrap), function(number) {
    set.seed(params$seed * 100003 + number)
    rows <- if (is.null(members)) sample.int(n, replace = TRUE) else
      unlist(members[sample.int(length(members), replace = TRUE)], use.names = FALSE)
    quick_fit(question$X[rows, , drop = FALSE], question$y[rows], question$family)
  })
  good <- !vapply(draws, is.null, NA)
  ends <- c((1 - params$confidence) / 2, 1 - (1 - params$confidence) / 2)
  if (sum(good) < 50) {
    none <- rep(NA_real_, ncol(question$X))
    return(list(low = none, high = none, failed = mean(!good), drawn = length(draws)))
  }
  values <- do.call(rbind, draws[good])
  list(
    low = unname(apply(values, 2, stats::quantile, ends[1])), high = unname(apply(values, 2, stats::quantile, ends[2])),
    failed = mean(!good), drawn = length(draws)
  )
}

# Squared error for amounts and for yes/no (Brier), Poisson deviance for counts: each 0 when perfect.
loss <- function(y, predicted, family) {
  if (family != "poisson") return((y - predicted)^2)
  predicted <- pmax(predicted, 1e-9)
  2 * (ifelse(y == 0, 0, y * log(y / predicted)) - (y - predicted))
}

# The share of pairs (one with, one without) that the model puts in order (Mann & Whitney 1947).
auc <- function(y, predicted) {
  ones <- sum(y == 1)
  zeros <- sum(y == 0)
  if (!ones || !zeros) return(NA_real_)
  (sum(rank(predicted)[y == 1]) - ones * (ones + 1) / 2) / (ones * zeros)
}

# The model and the plain mean on rows that neither has seen, fold by fold.
cross_validate <- function(question, params) {
  n <- question$rows
  jobs <- seq_len(question$folds * params$repeats)
  parts <- on_all_cores(jobs, function(job) {
    round_number <- (job - 1) %/% question$folds + 1
    fold <- (job - 1) %% question$folds + 1
    set.seed(params$seed * 100003 + 50000000 + round_number)
    unit <- if (is.null(question$groups)) seq_len(n) else question$groups
    dealt <- sample(rep_len(seq_len(question$folds), max(unit)))[unit]
    test <- which(dealt == fold)
    train <- which(dealt != fold)
    found <- quick_fit(question$X[train, , drop = FALSE], question$y[train], question$family)
    if (is.null(found) || !length(test)) return(c(NA, NA, NA, NA))
    straight <- as.vector(question$X[test, , drop = FALSE] %*% found)
    predicted <- FAMILIES[[question$family]]$linkinv(straight)
    guess <- rep(mean(question$y[train]), length(test))
    y <- question$y[test]
    c(
      mean(loss(y, predicted, question$family)), mean(loss(y, guess, question$family)),
      if (question$family == "logistic") auc(y, predicted) else NA, mean(abs(y - predicted))
    )
  })
  scores <- do.call(rbind, parts)
  skill <- 1 - scores[, 1] / scores[, 2]
  known <- skill[is.finite(skill)]
  # Folds share training rows, so their variance is widened (Nadeau & Bengio 2003).
  width <- if (length(known) > 1) {
    stats::qt(1 - (1 - params$confidence) / 2, length(known) - 1) *
      sqrt((1 / length(known) + 1 / (question$folds - 1)) * stats::var(known))
  } else {
    NA_real_
  }
  list(
    skill = mean(known), low = mean(known) - width, high = mean(known) + width, failed = sum(!is.finite(skill)),
    of = length(skill), error = sqrt(mean(scores[, 1], na.rm = TRUE)), guess = sqrt(mean(scores[, 2], na.rm = TRUE)),
    auc = if (question$family == "logistic") mean(scores[, 3], na.rm = TRUE) else NA_real_
  )
}
