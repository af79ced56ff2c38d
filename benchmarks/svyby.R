# Rscript svyby.R task.csv out.csv: seconds of svyby with svymean, standard errors only, on standard output.
suppressPackageStartupMessages(library(survey))
options(survey.lonely.psu = "adjust")
files <- commandArgs(TRUE)
task <- read.csv(files[1])
names <- grep("^y[0-9]+$", names(task), value = TRUE)
design <- svydesign(~psu, strata = ~stratum, weights = ~weight, data = task)
seconds <- system.time(
  table <- svyby(as.formula(paste("~", paste(names, collapse = "+"))), ~district + sex, design, svymean)
)[["elapsed"]]
out <- do.call(rbind, lapply(names, function(name) {
  data.frame(indicator = name, district = table$district, sex = table$sex,
             r_estimate = sprintf("%.17g", table[[name]]), r_se = sprintf("%.17g", table[[paste0("se.", name)]]))
}))
write.csv(out, files[2], row.names = FALSE, quote = FALSE)
cat(seconds)
