# Files as R writes them: package openxlsx.
#
#     Rscript make.R     (Debian: r-cran-openxlsx 4.2.5.2)

library(openxlsx)

dir.create("r-openxlsx", showWarnings = FALSE)
days <- as.Date("2021-07-26") + 0:6
units <- c(10, 20, 30, 40, 50, 0, 0)

save <- function(name, rows, formulas = NULL) {
  book <- createWorkbook()
  addWorksheet(book, "Demand")
  writeData(book, "Demand", rows)
  if (!is.null(formulas)) writeFormula(book, "Demand", formulas, startCol = 2, startRow = 2)
  saveWorkbook(book, file.path("r-openxlsx", name), overwrite = TRUE)
}

week <- function(dates, demand = units) {
  setNames(data.frame(dates, demand, stringsAsFactors = FALSE), c("Migration Date", "Demand"))
}

save("DC-dates.xlsx", week(days))
save("DC-moments.xlsx", week(as.POSIXct(paste(days, "00:00:00"), tz = "UTC")))
save("DC-moments-at-eleven.xlsx", week(as.POSIXct(paste(days, "23:00:00"), tz = "UTC")))
save("DC-noise.xlsx", week(days, units / 3 * 3 * (1 + 1e-16)))
save("DC-formulas.xlsx", week(days), paste0(units, "*1"))
outcomes <- data.frame("CHF Device ID" = 9070123456789010, Outcome = "MIGRATED", Stage = "", Code = "", At = "", check.names = FALSE)
write.xlsx(outcomes, file.path("r-openxlsx", "OUTCOME-sixteen-digits.xlsx"), sheetName = "Outcome", overwrite = TRUE)
