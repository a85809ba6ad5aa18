#!/usr/bin/perl
# Files as Perl writes them: Excel::Writer::XLSX and Spreadsheet::WriteExcel.
#
#     perl make.pl     (Debian: libexcel-writer-xlsx-perl 1.10, libspreadsheet-writeexcel-perl 2.40)

use strict;
use warnings;
use Excel::Writer::XLSX;
use Spreadsheet::WriteExcel;

my @demand = (10, 20, 30, 40, 50, 0, 0);
mkdir 'perl-excel-writer';
mkdir 'perl-writeexcel';

sub week {
    my ($book, $write) = @_;
    my $page = $book->add_worksheet('Demand');
    my $date = $book->add_format(num_format => 'dd/mm/yyyy');
    $page->write_row(0, 0, ['Migration Date', 'Demand']);
    for my $n (0 .. 6) {
        my $day = $n < 6 ? sprintf('2021-07-%02d', 26 + $n) : '2021-08-01';
        $write->($page, $n + 1, $day, $demand[$n], $date);
    }
    $book->close();
}

sub modern { return Excel::Writer::XLSX->new("perl-excel-writer/$_[0]") }

week(modern('DC-dates.xlsx'), sub { my ($page, $row, $day, $units, $date) = @_;
    $page->write_date_time($row, 0, "${day}T", $date); $page->write_number($row, 1, $units) });
week(modern('DC-dates-with-a-time.xlsx'), sub { my ($page, $row, $day, $units, $date) = @_;
    $page->write_date_time($row, 0, "${day}T09:30", $date); $page->write_number($row, 1, $units) });
week(modern('DC-text.xlsx'), sub { my ($page, $row, $day, $units) = @_;
    $page->write_string($row, 0, "$day 00:00:00"); $page->write_string($row, 1, $units) });
week(modern('DC-stale-formulas.xlsx'), sub { my ($page, $row, $day, $units, $date) = @_;
    $page->write_date_time($row, 0, "${day}T", $date); $page->write_formula($row, 1, "=$units*1") });
week(Spreadsheet::WriteExcel->new('perl-writeexcel/DC-old-format.xls'), sub { my ($page, $row, $day, $units) = @_;
    $page->write_string($row, 0, $day); $page->write_number($row, 1, $units) });
week(Spreadsheet::WriteExcel->new('perl-writeexcel/DC-old-format-renamed.xlsx'), sub { my ($page, $row, $day, $units) = @_;
    $page->write_string($row, 0, $day); $page->write_number($row, 1, $units) });
