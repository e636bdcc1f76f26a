# The question as numbers: what is explained, by what, in which rows, and what was left out and why.

MOST_LEVELS <- 20
FEW_ROWS <- 20
PERSON <- "^(0[1-9]|[12][0-9]|3[01])(0[1-9]|1[0-2])[0-9]{2}-?[0-9]{4}$"
DATE <- "^([0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}[./-][0-9]{1,2}[./-]([0-9]{4}|[0-9]{2}))"

column_named <- function(table, name, param) {
  have <- names(table$cells)
  at <- match(name, have)
  if (is.na(at)) at <- match(tolower(name), tolower(have))
  if (is.na(at)) cannot_go_on("stop-no-column", param = param, name = quoted(name), columns = quoted(utils::head(have, 40)))
  have[at]
}

make_question <- function(table, params) {
  if (is.null(params$outcome)) cannot_go_on("stop-no-outcome", columns = quoted(utils::head(names(table$cells), 40)))
  outcome <- column_named(table, params$outcome, "outcome")
  group <- if (is.null(params$group)) NULL else column_named(table, params$group, "group")
  chosen <- vapply(parts_of(params$predictors), function(name) column_named(table, name, "predictors"), "")
  if (!length(chosen)) chosen <- setdiff(names(table$cells), c(outcome, group))
  chosen <- unique(unname(chosen))
  if (outcome %in% chosen) cannot_go_on("stop-both", name = quoted(outcome))
  response <- make_response(table, outcome, params)
  used <- list()
  left_out <- list()
  for (name in chosen) {
    column <- make_predictor(table$cells[[name]], table$mark)
    if (is.null(column$why)) used[[name]] <- column else left_out[[name]] <- column$why
  }
  if (!length(used)) cannot_go_on("stop-no-predictors", why = said_left_out(left_out))
  whole_rows <- !is.na(response$y) & Reduce(`&`, lapply(used, function(column) !is.na(column$values)))
  if (!is.null(group)) whole_rows <- whole_rows & !is.na(table$cells[[group]])
  # A column may have only one value left among the rows without gaps.
  for (name in names(used)) {
    if (length(unique(used[[name]]$values[whole_rows])) < 2) {
      left_out[[name]] <- "out-constant"
      used[[name]] <- NULL
    }
  }
  if (!length(used)) cannot_go_on("stop-no-predictors", why = said_left_out(left_out))
  y <- response$y[whole_rows]
  if (length(unique(y)) < 2) cannot_go_on("stop-constant", name = quoted(outcome))
  design <- make_matrix(lapply(used, function(column) {
    column$values <- column$values[whole_rows]
    column
  }))
  n <- length(y)
  least <- max(FEW_ROWS, 2 * ncol(design$X) + 2)
  if (n < least) cannot_go_on("stop-few-rows", n = whole(n), least = least, terms = ncol(design$X))
  groups <- if (is.null(group)) NULL else as.integer(factor(table$cells[[group]][whole_rows]))
  folds <- params$folds
  if (!is.null(groups)) {
    if (max(groups) < 5) cannot_go_on("stop-few-groups", group = quoted(group), n = max(groups))
    folds <- min(folds, max(groups))
  }
  bootstrap <- params$bootstrap
  if (n * ncol(design$X) * bootstrap > 2e9) bootstrap <- max(100, round(2e9 / (n * ncol(design$X))))
  list(
    outcome = outcome, family = response$family, why = response$why, event = response$event, y = y, X = design$X,
    terms = design$terms, predictors = names(used), left_out = left_out, aliased = design$aliased, rows = n,
    rows_in_file = nrow(table$cells), no_outcome = sum(is.na(response$y)), gaps = vapply(used, function(column) sum(is.na(column$values)), 0L),
    group = group, groups = groups, folds = folds, bootstrap = bootstrap, levels = lapply(used, `[[`, "levels")
  )
}

make_response <- function(table, outcome, params) {
  cells <- table$cells[[outcome]]
  if (all(is.na(cells))) cannot_go_on("stop-all-missing", name = quoted(outcome))
  values <- as_numbers(cells, table$mark)
  kinds <- sort(unique(cells[!is.na(cells)]), method = "radix")
  if (length(kinds) < 2) cannot_go_on("stop-constant", name = quoted(outcome))
  family <- params$family
  if (family == "auto") {
    counts <- !is.null(values) && all(values[!is.na(values)] >= 0 & values[!is.na(values)] == round(values[!is.na(values)]))
    if (length(kinds) == 2) {
      family <- "logistic"
      why <- words("why-two")
    } else if (counts && stats::median(values, na.rm = TRUE) <= 10) {
      family <- "poisson"
      why <- words("why-counts")
    } else if (!is.null(values)) {
      family <- "linear"
      why <- words("why-amount")
    } else {
      cannot_go_on("stop-many-classes", name = quoted(outcome), n = length(kinds))
    }
  } else {
    why <- words("why-told")
  }
  if (family == "logistic") {
    if (length(kinds) != 2) cannot_go_on("stop-not-two", name = quoted(outcome), n = whole(length(kinds)))
    event <- if (is.null(params$event)) usual_event(kinds) else params$event
    if (!event %in% kinds) cannot_go_on("stop-no-event", event = quoted(event), kinds = quoted(kinds))
    return(list(y = ifelse(is.na(cells), NA_real_, as.numeric(cells == event)), family = family, why = why, event = event))
  }
  if (is.null(values)) cannot_go_on("stop-not-numbers", name = quoted(outcome))
  if (family == "poisson" && any(values < 0 | values != round(values), na.rm = TRUE)) {
    cannot_go_on("stop-not-counts", name = quoted(outcome))
  }
  list(y = values, family = family, why = why, event = NULL)
}

# Yes rather than no, 1 rather than 0; else the last in order.
usual_event <- function(kinds) {
  yes <- kinds[tolower(kinds) %in% c("1", "ja", "yes", "true", "sand", "positiv", "positive", "case")]
  if (length(yes) == 1) yes else kinds[2]
}

make_predictor <- function(cells, mark) {
  known <- cells[!is.na(cells)]
  distinct <- length(unique(known))
  why <- if (length(known) <= 0.05 * length(cells)) {
    "out-empty"
  } else if (distinct == 1) {
    "out-constant"
  } else if (mean(grepl(PERSON, known)) >= 0.8) {
    "out-person"
  } else if (mean(grepl(DATE, known)) >= 0.95) {
    "out-date"
  }
  if (!is.null(why)) return(list(why = why))
  values <- as_numbers(cells, mark)
  if (!is.null(values)) {
    steps <- distinct == length(known) && length(known) >= FEW_ROWS && all(known == round(values[!is.na(values)])) &&
      diff(range(values, na.rm = TRUE)) == length(known) - 1
    if (steps) return(list(why = "out-row-number"))
    return(list(values = values, kind = "number", levels = NULL))
  }
  if (distinct > MOST_LEVELS) return(list(why = "out-many-levels"))
  # The commonest level is what the others are held against.
  order_of <- names(sort(-table(known), method = "radix"))
  list(values = factor(cells, levels = order_of), kind = "category", levels = order_of)
}

# The design matrix with an intercept; columns that the others already determine are left out and named.
make_matrix <- function(used) {
  columns <- list("(intercept)" = rep(1, length(used[[1]]$values)))
  terms <- list(list(predictor = NULL, level = NULL, kind = "intercept"))
  for (name in names(used)) {
    column <- used[[name]]
    if (column$kind == "number") {
      columns[[name]] <- column$values
      terms[[length(terms) + 1]] <- list(predictor = name, level = NULL, kind = "number")
    } else {
      present <- levels(droplevels(column$values))
      for (level in present[-1]) {
        columns[[paste0(name, " = ", level)]] <- as.numeric(column$values == level)
        terms[[length(terms) + 1]] <- list(predictor = name, level = level, kind = "category", reference = present[1])
      }
    }
  }
  X <- do.call(cbind, columns)
  colnames(X) <- names(columns)
  # Measured by standard deviations, so that units do not decide what counts as determined.
  scales <- apply(X, 2, stats::sd)
  scales[1] <- 1
  rotated <- qr(sweep(X, 2, scales, "/"), tol = 1e-9)
  keep <- sort(rotated$pivot[seq_len(rotated$rank)])
  list(X = X[, keep, drop = FALSE], terms = terms[keep], aliased = colnames(X)[setdiff(seq_len(ncol(X)), keep)])
}

said_left_out <- function(left_out) {
  paste(vapply(names(left_out), function(name) paste0(quoted(name), ": ", words(left_out[[name]])), ""), collapse = "; ")
}
