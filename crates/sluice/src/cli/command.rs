//! Every command of the program.

use super::{
    Calendar, Check, Demo, Explain, Rule, Rulebook, Scale, Template, Verify, aside, clock, database, days, dormant,
    intake, proposal, responsibility, serve, user, week,
};
use clap::{Parser, Subcommand};

/// The open-source control centre for capacity-limited, multi-party migrations.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run three whole weeks on made-up data: from demand to explained allocations, locked schedules, outcomes and reports
    Demo(Demo),
    /// Share the capacity of every S1SP and day among the parties that asked for it
    Scale(Scale),
    /// Recompute a result from its bundle and compare it byte for byte
    Verify(Verify),
    /// Say in words and figures how a party's result came about
    Explain(Explain),
    /// Say what a rule or a code means, and what to do about it
    Rule(Rule),
    /// Check files as the service would, with codes, rows and messages
    Check(Check),
    /// Make a workbook (or CSV) for a supplier to fill in
    Template(Template),
    /// Show the rulebooks and what differs between them
    Rulebook(Rulebook),
    /// Show the milestones of a Migration Week
    Calendar(Calendar),
    /// Make a database
    Init(database::Init),
    /// Bring a database that an older program made up to date
    Migrate(database::Migrate),
    /// Add or disable people and programs
    User(user::User),
    /// Import reference data: the difference is shown, then applied or not; or undo the last import
    Import(database::Import),
    /// Hand in files as a party would, and write the response beside each
    Submit(database::Submit),
    /// What was handed in: what waits, receipts; and User IDs under which nothing is taken any more
    Intake(intake::Intake),
    /// Write the files that were issued to a party, and show what it was told
    Outbox(database::Outbox),
    /// Write which installations a supplier can have migrated, or why not
    Eligible(database::Eligible),
    /// Write a proposed authorisation file for a week
    Propose(database::Propose),
    /// Give back units of a day that no row uses
    Handback(database::Handback),
    /// Raise a query against a provisional result, answer one, or show them
    Query(database::Query),
    /// The operator's week: show, scale, publish, refill, cut
    Week(week::Week),
    /// Lock the schedule of a day, or show it
    Schedule(database::Schedule),
    /// What waits for a second operator: show, approve, decline, withdraw
    Proposal(proposal::Proposal),
    /// Impose a stop order, lift it, acknowledge it
    Stop(days::Stop),
    /// Dormant installations of a week: plan, tell the suppliers, decide on objections
    Dormant(dormant::Dormant),
    /// Keep an installation from being migrated on some dates, or show which are on hold
    Hold(days::Hold),
    /// Exclusions: candidates, decisions, categories
    Exclusion(days::Exclusion),
    /// A supplier takes over another's meters, by a transfer or as supplier of last resort
    Responsibility(responsibility::Responsibility),
    /// One installation: where it is, what is next, who acts, its history
    Installation(days::Installation),
    /// A report on the terminal or as CSV, workbook or page; report list shows them all
    Report(days::Report),
    /// Show what failed by a fault of the program: it is set aside, keeps nobody waiting, and is tried again
    Aside(aside::Aside),
    /// Try again what is set aside
    Retry(aside::Retry),
    /// The clock of this machine, when it was set while it ran
    Clock(clock::Clock),
    /// Serve the API, for every party at the same time, while deadlines happen by themselves
    Serve(serve::Serve),
    /// Make everything derived anew in a copy of the database, and compare
    Replay(database::Replay),
    /// Check the record
    Audit(database::Audit),
}
