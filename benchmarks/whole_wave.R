# What an analyst would otherwise write for one wave: shares with limits by district, publication area and sex, small
# counts blanked, two maps an indicator. Rscript whole_wave.R FOLDER; the folder holds answers.csv (answers already coded
# as 0 and 1, weights made), areas.csv (district to area, by class) and districts.gpkg.
suppressPackageStartupMessages({ library(survey); library(sf); library(ggplot2) })
folder <- commandArgs(TRUE)[1]
setwd(folder)
answers <- read.csv("answers.csv", colClasses = c(district = "character", psu = "character"))
areas <- read.csv("areas.csv", colClasses = "character")
map <- st_read("districts.gpkg", quiet = TRUE)
indicators <- grep("^S[0-9]", names(answers), value = TRUE)
shares <- function(design, y, by) {
  asked <- subset(design, !is.na(design$variables[[y]]))
  found <- svyby(as.formula(paste0("~", y)), as.formula(paste0("~", by)), asked, svyciprop,
                 vartype = "ci", method = "logit", keep.names = FALSE)
  names(found) <- c("place", "share", "low", "high")
  counts <- aggregate(asked$variables[[y]], asked$variables[by], function(v) c(length(v), sum(v)))
  found$n <- counts$x[, 1]; found$yes <- counts$x[, 2]; found$by <- by; found$indicator <- y
  found
}
tables <- list()
for (y in indicators) {

  of <- areas[areas$indicator == y, ]
  answers$area <- of$area[match(answers$district, of$code)]
  answers$whole <- "all"
  design <- svydesign(ids = ~psu, weights = ~weight, data = answers)
  for (by in c("whole", "sex", "area", "district")) tables[[length(tables) + 1]] <- shares(design, y, by)
}
table <- do.call(rbind, tables)
small <- table$n < 30 | table$yes < 5 | table$n - table$yes < 5   # no complementary suppression: R's packages are not on Debian
table[small, c("share", "low", "high", "n", "yes")] <- NA
write.csv(table, "table.csv", row.names = FALSE)
for (y in indicators) {
  drawn <- merge(map, table[table$indicator == y & table$by == "district", ], by.x = "sdkod", by.y = "place", all.x = TRUE)
  for (what in c("share", "high")) {
    picture <- ggplot(drawn) + geom_sf(aes(fill = 100 * .data[[what]])) + scale_fill_viridis_c("per cent") +
      geom_sf_text(aes(label = sdkod), size = 2) + labs(title = y) + theme_void()
    ggsave(paste0(y, "-", what, ".png"), picture, width = 7, height = 7, dpi = 150)
    ggsave(paste0(y, "-", what, ".pdf"), picture, width = 7, height = 7)
  }
}
