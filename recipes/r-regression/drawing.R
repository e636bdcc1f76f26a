# SVG by hand, in the page's own style (style/*.css): R's svg() would need cairo and knows no dark page.

WIDE <- 760
NARROW <- 360

style <- function(...) {
  paste(vapply(c(...), function(name) read_utf8(file.path(SCRIPT, "style", paste0(name, ".css"))), ""), collapse = "")
}

escaped <- function(text) {
  text <- gsub("&", "&amp;", enc2utf8(text), fixed = TRUE)
  text <- gsub("<", "&lt;", text, fixed = TRUE)
  text <- gsub(">", "&gt;", text, fixed = TRUE)
  gsub("\"", "&quot;", text, fixed = TRUE)
}

place <- function(value) formatC(value, format = "f", digits = 1)
mark_text <- function(x, y, text, look = "", full = text) {
  title <- if (full != text) paste0("<title>", escaped(full), "</title>") else ""
  sprintf("<text x=\"%s\" y=\"%s\" class=\"%s\">%s%s</text>", place(x), place(y), look, escaped(text), title)
}
mark_line <- function(x1, y1, x2, y2, look) {
  sprintf("<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" class=\"%s\"/>", place(x1), place(y1), place(x2), place(y2), look)
}
mark_dot <- function(x, y, look, radius = 5) {
  sprintf("<circle cx=\"%s\" cy=\"%s\" r=\"%s\" class=\"%s\"/>", place(x), place(y), radius, look)
}
shortened <- function(text, width, letter = 7.4) {
  most <- max(3, floor(width / letter))
  if (nchar(text) <= most) text else paste0(substr(text, 1, most - 1), "\u2026")
}

# Values laid out from one end to the other.
scale_of <- function(low, high, start, end) {
  if (!(high > low)) high <- low + 1
  list(low = low, high = high, at = function(value) start + (pmin(pmax(value, low), high) - low) / (high - low) * (end - start))
}

as_svg <- function(marks, width, height, alt) {
  sprintf(
    "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"fig\" role=\"img\" viewBox=\"0 0 %d %.0f\" aria-label=\"%s\">%s</svg>",
    width, height, escaped(alt), paste(marks, collapse = "")
  )
}

# One picture for a wide page, for a phone, and as a file of its own with its style and a title.
picture <- function(draw, alt, title) {
  wide <- draw(WIDE)
  narrow <- draw(NARROW)
  alone <- sprintf(
    paste0(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"fig\" role=\"img\" viewBox=\"-20 -56 %d %.0f\" width=\"%d\" ",
      "height=\"%.0f\" aria-label=\"%s\"><style>%s</style><rect x=\"-20\" y=\"-56\" width=\"%d\" height=\"%.0f\" ",
      "style=\"fill:var(--paper)\"/>%s%s</svg>"
    ),
    WIDE + 40, wide$height + 76, WIDE + 40, wide$height + 76, escaped(alt), style("light", "figure"), WIDE + 40,
    wide$height + 76, mark_text(0, -24, title, "strong title"), paste(wide$marks, collapse = "")
  )
  list(
    inside = paste0(
      "<div class=\"wide\">", as_svg(wide$marks, WIDE, wide$height, alt), "</div><div class=\"narrow\">",
      as_svg(narrow$marks, NARROW, narrow$height, alt), "</div>"
    ),
    alone = alone
  )
}

draw_all <- function(question, fit, boot, params) {
  title <- words(paste0("figure-coefficients-", question$family))
  pictures <- list(coefficients = picture(
    function(width) draw_coefficients(question, fit, boot, width), words("alt-coefficients"), title
  ))
  key <- if (question$family == "linear") "residuals" else "calibration"
  pictures$fit <- picture(
    function(width) if (key == "residuals") draw_residuals(question, fit, width) else draw_calibration(question, fit, width),
    words(paste0("alt-", key)), words(paste0("figure-", key))
  )
  if (question$family == "linear") {
    pictures$normal <- picture(function(width) draw_normal(fit, width), words("alt-normal"), words("figure-normal"))
  }
  pictures
}

# Effects side by side: a number's for one standard deviation more, a level's against its reference.
draw_coefficients <- function(question, fit, boot, width) {
  shown <- utils::head(setdiff(seq_along(question$terms), 1), 30)
  times <- vapply(shown, function(at) if (question$terms[[at]]$kind == "number") stats::sd(question$X[, at]) else 1, 0)
  low <- ifelse(is.na(boot$low[shown]), fit$low[shown], pmin(boot$low[shown], fit$low[shown])) * times
  high <- ifelse(is.na(boot$high[shown]), fit$high[shown], pmax(boot$high[shown], fit$high[shown])) * times
  reach <- max(stats::quantile(abs(c(low, high)), 0.98), abs(fit$estimate[shown] * times)) * 1.05
  wide <- width > 500
  left <- if (wide) 250 else 4
  x <- scale_of(-reach, reach, left, width - 10)
  step <- if (wide) 36 else 52
  top <- 8
  bottom <- top + step * length(shown)
  marks <- character(0)
  ticks <- pretty(c(-reach, reach), if (wide) 6 else 3)
  for (tick in ticks[ticks >= -reach & ticks <= reach]) {
    marks <- c(marks, mark_line(x$at(tick), top, x$at(tick), bottom, if (tick == 0) "dash" else "grid"))
    label <- if (question$family == "linear") number(tick) else paste0("\u00d7", number(exp(tick), 2))
    marks <- c(marks, mark_text(x$at(tick), bottom + 20, label, "small soft mid"))
  }
  for (n in seq_along(shown)) {
    at <- shown[n]
    y <- top + step * (n - 0.5) + if (wide) 0 else 10
    name <- colnames(question$X)[at]
    marks <- c(marks, if (wide) mark_text(0, y + 5, shortened(name, left - 16), "", name) else
      mark_text(0, y - 16, shortened(name, width), "small", name))
    if (!is.na(boot$low[at])) {
      marks <- c(marks, mark_line(x$at(boot$low[at] * times[n]), y + 4, x$at(boot$high[at] * times[n]), y + 4, "boosting mark"))
    }
    marks <- c(marks, mark_line(x$at(fit$low[at] * times[n]), y - 3, x$at(fit$high[at] * times[n]), y - 3, "linear mark"))
    marks <- c(marks, mark_dot(x$at(fit$estimate[at] * times[n]), y, "linear point", 5))
  }
  list(marks = marks, height = bottom + 30)
}

# Ticks with as many decimals as the step between them needs.
tick_labels <- function(ticks) {
  step <- if (length(ticks) > 1) min(diff(ticks)) else 1
  decimals <- max(0, -floor(log10(step) + 1e-9))
  if (decimals > 0 && abs(step * 10^decimals - round(step * 10^decimals)) > 1e-6) decimals <- decimals + 1
  vapply(ticks, function(tick) {
    if (abs(tick) < step / 1e6) "0" else marks(formatC(tick, format = "f", digits = min(decimals, 6), big.mark = ","))
  }, "")
}

# Axes of a plane with round ticks.
plane <- function(xs, ys, width, x_name, y_name) {
  left <- 62
  bottom <- 262
  x <- scale_of(min(xs), max(xs), left, width - 14)
  y <- scale_of(min(ys), max(ys), bottom, 16)
  marks <- character(0)
  ticks <- pretty(c(y$low, y$high), 5)
  ticks <- ticks[ticks >= y$low & ticks <= y$high]
  labels <- tick_labels(ticks)
  for (n in seq_along(ticks)) {
    at <- y$at(ticks[n])
    marks <- c(marks, mark_line(left, at, width - 14, at, "grid"), mark_text(left - 8, at + 5, labels[n], "small soft end"))
  }
  ticks <- pretty(c(x$low, x$high), if (width > 500) 6 else 3)
  ticks <- ticks[ticks >= x$low & ticks <= x$high]
  labels <- tick_labels(ticks)
  for (n in seq_along(ticks)) marks <- c(marks, mark_text(x$at(ticks[n]), bottom + 20, labels[n], "small soft mid"))
  marks <- c(marks, mark_text(width - 14, bottom + 42, x_name, "small soft end"), mark_text(0, 8, y_name, "small soft"))
  list(x = x, y = y, marks = marks, height = bottom + 50)
}

# Rows in groups of equal size along `by`; no group is smaller than 5, so that no dot is a person.
groups_along <- function(by, most = 20) {
  n <- max(2, min(most, floor(length(by) / 8)))
  split(seq_along(by), cut(rank(by, ties.method = "first"), n, labels = FALSE))
}

draw_residuals <- function(question, fit, width) {
  parts <- groups_along(fit$fitted)
  mid <- vapply(parts, function(rows) mean(fit$fitted[rows]), 0)
  spread <- vapply(parts, function(rows) stats::quantile(fit$residuals[rows], c(0.1, 0.5, 0.9)), numeric(3))
  p <- plane(mid, spread, width, words("axis-fitted"), words("axis-residual"))
  marks <- c(p$marks, mark_line(p$x$at(p$x$low), p$y$at(0), p$x$at(p$x$high), p$y$at(0), "dash"))
  for (n in seq_along(mid)) {
    at <- p$x$at(mid[n])
    marks <- c(marks, mark_line(at, p$y$at(spread[1, n]), at, p$y$at(spread[3, n]), "linear thin"), mark_dot(at, p$y$at(spread[2, n]), "linear point"))
  }
  list(marks = marks, height = p$height)
}

draw_calibration <- function(question, fit, width) {
  parts <- groups_along(fit$fitted, 10)
  expected <- vapply(parts, function(rows) mean(fit$fitted[rows]), 0)
  seen <- vapply(parts, function(rows) mean(question$y[rows]), 0)
  error <- vapply(parts, function(rows) stats::sd(question$y[rows]) / sqrt(length(rows)), 0)
  error[is.na(error)] <- 0
  low <- pmax(seen - 1.96 * error, 0)
  high <- if (question$family == "logistic") pmin(seen + 1.96 * error, 1) else seen + 1.96 * error
  p <- plane(expected, c(low, high, expected), width, words("axis-expected"), words("axis-seen"))
  marks <- c(p$marks, mark_line(p$x$at(p$x$low), p$y$at(p$x$low), p$x$at(p$x$high), p$y$at(p$x$high), "dash"))
  for (n in seq_along(seen)) {
    at <- p$x$at(expected[n])
    marks <- c(marks, mark_line(at, p$y$at(low[n]), at, p$y$at(high[n]), "linear thin"), mark_dot(at, p$y$at(seen[n]), "linear point"))
  }
  list(marks = marks, height = p$height)
}

draw_normal <- function(fit, width) {
  shares <- seq(0.02, 0.98, 0.02)
  should <- stats::qnorm(shares)
  is <- unname(stats::quantile(fit$standard, shares))
  p <- plane(should, c(is, should), width, words("axis-normal"), words("axis-standard"))
  marks <- c(p$marks, mark_line(p$x$at(min(should)), p$y$at(min(should)), p$x$at(max(should)), p$y$at(max(should)), "dash"))
  for (n in seq_along(is)) marks <- c(marks, mark_dot(p$x$at(should[n]), p$y$at(is[n]), "linear point", 3.5))
  list(marks = marks, height = p$height)
}
