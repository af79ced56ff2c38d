# Rscript against_r.R jobs.json out.csv: the numbers of R `survey` for the surveys of against_r.py, as key,value lines.
suppressPackageStartupMessages({library(survey); library(jsonlite)})
options(digits = 17, warn = -1)
options(survey.drop.replicates = FALSE)  # dropping strata taken whole, R leaves them out of replicated totals but not of theirs
files <- commandArgs(TRUE)
out <- file(files[2], "w")
here <- 0
note <- function(key, field, value) {
  value <- as.numeric(value)
  cat(sprintf("%d,%s|%s,%.17g\n", here, key, field, value), sep = "", file = out)
}
refuse <- function(key, error) cat(sprintf("%d,%s|error,NaN\n", here, key), file = out)
attempt <- function(key, expr) tryCatch(expr, error = function(e) refuse(key, e))
form <- function(names) as.formula(paste("~", paste(names, collapse = "+")))

# What R 4.5 does and Debian's 4.1 does not yet: a lonely stratum is centred at the mean of all PSUs of its stage ("adjust"),
# and a share below that of the first value leads to the first value, not to the second.
if (packageVersion("survey") < "4.2") {
  uncentred <- survey:::onestage
  centred <- function(x, strata, clusters, nPSU, fpc, lonely.psu = getOption("survey.lonely.psu"), stage = 0, cal) {
    v <- uncentred(x, strata, clusters, nPSU, fpc, lonely.psu = lonely.psu, stage = stage, cal = cal)
    if (lonely.psu != "adjust" || NROW(x) == 0) return(v)
    first <- which(!duplicated(strata))
    centre <- colSums(x) / sum(nPSU[first])
    for (i in first) {
      rows <- strata == strata[i]
      n <- nPSU[i]
      unsampled <- if (is.null(fpc) || is.infinite(fpc[i])) 1 else (fpc[i] - n) / fpc[i]
      alone <- length(unique(clusters[rows])) == 1 && (n == 1 || getOption("survey.adjust.domain.lonely"))
      if (!alone || unsampled < 1e-7) next
      total <- colSums(x[rows, , drop = FALSE])
      change <- tcrossprod(total - centre) + (n - 1) * tcrossprod(centre) - tcrossprod(total)
      v <- v + unsampled * (if (n > 1) n / (n - 1) else 1) * change
    }
    v
  }
  assignInNamespace("onestage", centred, "survey")
}
rules <- list(
  math = function(x, w, p) stepwise(x, w, p, FALSE), school = function(x, w, p) stepwise(x, w, p, TRUE), hf7 = "hf7"
)
stepwise <- function(x, w, p, halfway) {
  x <- x[w > 0]; w <- w[w > 0]
  order <- order(x); x <- x[order]; running <- cumsum(w[order])
  at <- max(1, which(running <= p * sum(w)))
  above <- x[min(at + 1, length(x))]
  if (p - running[at] / sum(w) > 0) above else if (halfway) (x[at] + above) / 2 else x[at]
}

read_design <- function(job) {
  d <- read.csv(job$data, stringsAsFactors = FALSE, na.strings = "")
  strata <- NULL
  if (length(job$strata)) {
    d$.stratum <- do.call(paste, c(unname(d[unlist(job$strata)]), sep = "."))
    strata <- ~.stratum
  }
  svydesign(if (length(job$psu)) form(unlist(job$psu)) else ~1, strata = strata, weights = ~w,
            fpc = if (length(job$fpc)) form(unlist(job$fpc)) else NULL, data = d, nest = TRUE)
}

adjusted <- function(des, job) {
  a <- job$adjust
  table_of <- function(name) {
    t <- data.frame(names(a$margins[[name]]), unlist(a$margins[[name]]))
    names(t) <- c(name, "Freq")
    t
  }
  if (a$kind == "poststratify") return(postStratify(des, ~h, table_of("h")))
  if (a$kind == "rake")
    return(rake(des, list(~h, ~k), list(table_of("h"), table_of("k")),
                control = list(maxit = 5000, epsilon = 1e-14, verbose = FALSE)))
  if (a$kind %in% c("linear", "raking", "logit")) {
    h <- unlist(a$margins$h); k <- unlist(a$margins$k)
    population <- c(sum(h), h[-1], k[-1], a$margins$x0)
    names(population) <- c("(Intercept)", paste0("h", names(h)[-1]), paste0("k", names(k)[-1]), "x0")
    bounds <- if (length(a$bounds)) unlist(a$bounds) else c(-Inf, Inf)
    return(calibrate(des, ~h + k + x0, population, calfun = a$kind, bounds = bounds, epsilon = 1e-12, maxit = 500))
  }
  if (a$kind %in% c("JK1", "JKn", "BRR", "Fay", "bootstrap", "subbootstrap")) {
    set.seed(job$id)
    more <- if (a$kind == "Fay") list(fay.rho = 0.3) else if (grepl("boot", a$kind)) list(replicates = 40) else list()
    rep <- do.call(as.svrepdesign, c(list(des, type = a$kind, mse = a$mse), more))
    weights <- as.data.frame(as.matrix(weights(rep, "analysis")))
    write.table(weights, job$replicates, sep = ",", row.names = FALSE, col.names = paste0("r", seq_along(weights)))
    note("replicates", "scale", rep$scale)
    note("replicates", "rscales", rep$rscales)
    return(rep)
  }
  des
}

linear <- function(key, des, stat, var, denom = NULL, deff = TRUE) attempt(key, {
  r <- if (stat == "ratio") svyratio(form(var), form(denom), des, na.rm = TRUE)
       else if (stat == "mean") svymean(form(var), des, na.rm = TRUE) else svytotal(form(var), des, na.rm = TRUE)
  df <- degf(des)
  note(key, "estimate", coef(r)); note(key, "se", SE(r)); note(key, "df", df)
  half <- qt(0.975, df) * SE(r)
  note(key, "ci_low", coef(r) - half); note(key, "ci_high", coef(r) + half)
  if (stat == "mean" && deff) attempt(paste0(key, "|deff"),
    note(key, "deff", survey::deff(svymean(form(var), des, na.rm = TRUE, deff = "replace"))))
})

share <- function(key, des, var, method) attempt(key, {
  f <- as.formula(paste0("~I(", var, "==1)"))
  r <- svyciprop(f, des, method = method, na.rm = TRUE)
  note(key, "ci_low", attr(r, "ci")[1]); note(key, "ci_high", attr(r, "ci")[2])
})

quantiles <- function(key, des, job) attempt(key, {
  q <- svyquantile(~x, des, unlist(job$probs), qrule = rules[[job$qrule]],
                   interval.type = job$qinterval, na.rm = TRUE)[[1]]
  for (i in seq_len(nrow(q))) {
    at <- paste0(key, "|", unlist(job$probs)[i])
    note(at, "estimate", q[i, 1]); note(at, "ci_low", q[i, 2]); note(at, "ci_high", q[i, 3]); note(at, "se", q[i, 4])
  }
})

by_domain <- function(des, by, todo) {
  labels <- do.call(paste, c(unname(des$variables[unlist(by)]), sep = "/"))
  known <- stats::complete.cases(des$variables[unlist(by)])
  for (label in sort(unique(labels[known]))) todo(label, des[known & labels == label, ])
}

one <- function(job) {
  options(survey.lonely.psu = job$lonely, survey.adjust.domain.lonely = job$lonely_in_domains)
  plain <- read_design(job)
  des <- adjusted(plain, job)
  simple <- job$adjust$kind == "none"
  if (job$adjust$kind %in% c("poststratify", "rake", "linear", "raking", "logit")) note("weights", "w", weights(des))
  estimates <- function(des, by, label) {
    key <- function(stat, var) paste(stat, var, by, label, sep = "|")
    for (v in c("y", "rare", "x")) linear(key("mean", v), des, "mean", v, deff = simple)
    linear(key("total", "x"), des, "total", "x"); linear(key("total", "y"), des, "total", "y")
    linear(key("ratio", "x/z"), des, "ratio", "x", "z")
    for (v in c("y", "rare")) for (m in unlist(job$methods)) share(paste(key("share", v), m, sep = "|"), des, v, m)
    if (!inherits(des, "svyrep.design")) quantiles(key("quantile", "x"), des, job)
  }
  estimates(des, "", "")
  for (by in job$by)
    by_domain(des, by, function(label, part) estimates(part, paste(unlist(by), collapse = "/"), label))
  attempt("joint", {
    b <- svyby(~x, ~g, des, svymean, covmat = TRUE, na.rm = TRUE)
    stopifnot(all.equal(unname(sqrt(diag(vcov(b)))), unname(SE(b))))  # with replicates and mse R's own do not agree
    note("joint", "vcov", as.vector(vcov(b)))
    n <- length(coef(b))
    s <- svycontrast(b, list(c(1, rep(0, n - 2), -1)))
    note("joint", "contrast", coef(s)); note("joint", "contrast_se", SE(s))
  })
  for (s in unlist(job$tests)) attempt(paste0("chi2|", s), {
    r <- svychisq(~g + yes, des, statistic = s)
    note(paste0("chi2|", s), "statistic", r$statistic); note(paste0("chi2|", s), "p", r$p.value)
  })
}

for (job in fromJSON(files[1], simplifyVector = FALSE)) {
  here <- job$id
  attempt("design", one(job))
}
close(out)
