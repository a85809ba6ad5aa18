#!/usr/bin/env bash
# Files as Gnumeric and LibreOffice write them, from texts that a person could have typed in.
#
#     ./make_office.sh     (Debian: gnumeric 1.12.55, libreoffice-calc 7.4.7)
set -eu
cd "$(dirname "$0")"
mkdir -p gnumeric libreoffice
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One sheet, whose name is the file's: dates as typed, demand as typed or as a formula.
table() {
  local name=$1 before=$2 after=$3 day n=0
  mkdir -p "$work/$name"
  {
    printf 'Migration Date,Demand\n'
    for day in 2021-07-26 2021-07-27 2021-07-28 2021-07-29 2021-07-30 2021-07-31 2021-08-01; do
      n=$((n + 1))
      printf '%s,%s%s%s\n' "$day" "$before" "$([ $n -le 5 ] && echo $((n * 10)) || echo 0)" "$after"
    done
  } >"$work/$name/Demand.csv"
}
table plain '' ''
table formulas '=' '*1'
mkdir -p "$work/digits"
printf 'CHF Device ID,Outcome,Stage,Code,At\n9070123456789010,MIGRATED,,,\n' >"$work/digits/Outcome.csv"

gnumeric() {
  # It names the sheet by the file, extension and all.
  cp "$work/$1/$2" "$work/${2%.csv}"
  ssconvert --import-type=Gnumeric_stf:stf_csvtab --export-type="${4:-Gnumeric_Excel:xlsx2}" "$work/${2%.csv}" "gnumeric/$3"
}
gnumeric plain Demand.csv DC-dates.xlsx
gnumeric plain Demand.csv DC-of-2007.xlsx Gnumeric_Excel:xlsx
gnumeric formulas Demand.csv DC-formulas-with-results.xlsx
gnumeric digits Outcome.csv OUTCOME-sixteen-digits.xlsx

office() {
  (cd "$work/$1" && soffice -env:UserInstallation="file://$work/profile" --headless --convert-to "$4" \
    --infilter='CSV:44,34,76,1,,0,false,true,false,false,false,-1' "$2" >/dev/null) && mv "$work/$1/${2%.csv}.${4%%:*}" "libreoffice/$3"
}
office plain Demand.csv DC-dates.xlsx 'xlsx:Calc MS Excel 2007 XML'
office plain Demand.csv DC-strict.xlsx 'xlsx:Calc Office Open XML'
office formulas Demand.csv DC-formulas-with-results.xlsx 'xlsx:Calc MS Excel 2007 XML'
office plain Demand.csv DC-open-document.ods 'ods:calc8'
office digits Outcome.csv OUTCOME-sixteen-digits.xlsx 'xlsx:Calc MS Excel 2007 XML'
