// Files as programs in JavaScript write them: SheetJS and exceljs, also templates of ours that they filled in.
//
//     TZ=Europe/London node make_node.js template.xlsx     (xlsx 0.18.5, exceljs 4.4.0)
//
// The template is made by
//     sluice template demand --party AAA123 --s1sp CGI --week 2021-07-26 --user-id 70-B3-D5-1F-30-00-A0-08 --out template.xlsx

const fs = require("fs");
const path = require("path");
const XLSX = require("xlsx");
const ExcelJS = require("exceljs");

const DEMAND = [10, 20, 30, 40, 50, 0, 0];
const DC = ["Migration Date", "Demand"];
const utc = (n) => new Date(Date.UTC(2021, 6, 26 + n));
const local = (n) => new Date(2021, 6, 26 + n);
const DIGITS = 9070123456789010;

function folder(writer) {
  const place = path.join(__dirname, writer);
  fs.mkdirSync(place, { recursive: true });
  return place;
}

function sheetjs(template) {
  const place = folder("sheetjs");
  const save = (name, rows, options = {}, sheet = "Demand") => {
    const book = XLSX.utils.book_new();
    const page = rows["!ref"] ? rows : XLSX.utils.aoa_to_sheet(rows, options);
    XLSX.utils.book_append_sheet(book, page, sheet);
    XLSX.writeFile(book, path.join(place, name), options);
  };
  const week = (date) => [DC, ...DEMAND.map((units, n) => [date(n), units])];
  // Date cells of the ISO kind: this version writes local time with a Z, so the midnight of UTC is 01:00 in London's summer.
  save("DC-iso-dates.xlsx", week(local), { cellDates: true });
  save("DC-iso-dates-at-one.xlsx", week(utc), { cellDates: true });
  save("DC-number-dates.xlsx", week((n) => 44403 + n).map((row, n) => (n ? [{ t: "n", v: row[0], z: "yyyy-mm-dd" }, row[1]] : row)));
  save("DC-numbers-without-format.xlsx", week((n) => 44403 + n));
  save("DC-formulas.xlsx", week(local).map((row, n) => (n ? [row[0], { t: "n", f: `${row[1]}*1` }] : row)), { cellDates: true });
  save("DC-formulas-with-results.xlsx", week(local).map((row, n) => (n ? [row[0], { t: "n", v: row[1], f: `${row[1]}*1` }] : row)), { cellDates: true });
  save("DC-old-format.xls", week((n) => local(n).toLocaleDateString("en-GB")), { bookType: "biff8" });
  save("DC-binary.xlsx", week((n) => local(n).toLocaleDateString("en-GB")), { bookType: "xlsb" });
  save("DC-open-document.xlsx", week((n) => local(n).toLocaleDateString("en-GB")), { bookType: "ods" });
  save("DC-web-page.xlsx", week((n) => local(n).toLocaleDateString("en-GB")), { bookType: "html" });
  save("OUTCOME-sixteen-digits.xlsx", [["CHF Device ID", "Outcome", "Stage", "Code", "At"], [DIGITS, "MIGRATED"]], {}, "Outcome");
  const book = XLSX.readFile(template, { cellDates: true, cellStyles: true });
  const page = book.Sheets.Demand;
  DEMAND.forEach((units, n) => {
    page[`B${n + 2}`] = { t: "n", v: units };
  });
  XLSX.writeFile(book, path.join(place, "DC-template.xlsx"), { cellDates: true });
}

async function exceljs(template) {
  const place = folder("exceljs");
  const save = async (name, fill, sheet = "Demand", options = {}) => {
    const book = new ExcelJS.Workbook();
    const page = book.addWorksheet(sheet, options);
    fill(page, book);
    await book.xlsx.writeFile(path.join(place, name));
  };
  const week = (date, value = (units) => units) => (page) => {
    page.addRow(DC);
    DEMAND.forEach((units, n) => page.addRow([date(n), value(units, n)]));
  };
  await save("DC-dates.xlsx", week(utc));
  await save("DC-dates-of-london.xlsx", week(local));
  await save("DC-formulas.xlsx", week(utc, (units) => ({ formula: `${units}*1` })));
  await save("DC-formulas-with-results.xlsx", week(utc, (units) => ({ formula: `${units}*1`, result: units })));
  await save("DC-very-hidden-sheet.xlsx", (page, book) => { week(utc)(page); book.addWorksheet("Notes"); }, "Demand", { state: "veryHidden" });
  await save("DC-filtered-rows.xlsx", (page) => { week(utc)(page); page.getRow(7).hidden = true; page.getRow(8).hidden = true; });
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(template);
  DEMAND.forEach((units, n) => (book.getWorksheet("Demand").getCell(n + 2, 2).value = units));
  await book.xlsx.writeFile(path.join(place, "DC-template.xlsx"));
}

sheetjs(process.argv[2]);
exceljs(process.argv[2]);
