//! One module a command: take the arguments, do the work, print the result.

mod aside;
mod audit;
mod calendar;
mod check;
mod clock;
mod demo;
mod dormant;
mod each;
mod exclusion;
mod explain;
mod hold;
mod import;
mod init;
mod installation;
mod intake;
mod lists;
mod migrate;
mod outbox;
mod proposal;
mod replay;
mod report;
mod responsibility;
mod rule;
mod rulebook;
mod scale;
mod schedule;
mod serve;
mod stop;
mod submit;
mod supplier;
mod template;
mod user;
mod verify;
mod week;

use crate::cli::command::Command;
use crate::failure::Outcome;

/// Runs a command.
///
/// # Errors
/// If it could not do its work.
pub fn run(command: Command) -> Outcome {
    match command {
        Command::Demo(args) => demo::run(&args),
        Command::Scale(args) => scale::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Rule(args) => rule::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Template(args) => template::run(&args),
        Command::Rulebook(args) => rulebook::run(&args),
        Command::Calendar(args) => calendar::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Migrate(args) => migrate::run(&args),
        Command::User(args) => user::run(args.action),
        Command::Import(args) => import::run(&args),
        Command::Submit(args) => submit::run(&args),
        Command::Intake(args) => intake::run(args.action),
        Command::Outbox(args) => outbox::run(&args),
        Command::Eligible(args) => lists::eligible(&args),
        Command::Propose(args) => lists::propose(&args),
        Command::Handback(args) => supplier::handback(&args),
        Command::Query(args) => supplier::query(args.action),
        Command::Week(args) => week::run(args.action),
        Command::Schedule(args) => schedule::run(args.action),
        Command::Dormant(args) => dormant::run(args.action),
        Command::Proposal(args) => proposal::run(args.action),
        Command::Stop(args) => stop::run(args.action),
        Command::Hold(args) => hold::run(args.action),
        Command::Exclusion(args) => exclusion::run(args.action),
        Command::Responsibility(args) => responsibility::run(args.action),
        Command::Installation(args) => installation::run(args.action),
        Command::Report(args) => report::run(&args),
        Command::Aside(args) => aside::run(&args),
        Command::Retry(args) => aside::retry(&args),
        Command::Clock(args) => clock::run(&args.action),
        Command::Serve(args) => serve::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Audit(args) => audit::run(args.action),
    }
}
