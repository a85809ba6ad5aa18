//! `sluice serve`: the API, for every party at the same time, while deadlines happen by themselves.

use crate::cli::serve::Serve;
use crate::failure::{Done, Failure, Outcome};
use crate::interrupt::AtInterrupt;
use crate::print::print_line;
use sluice_service::service::Service;
use sluice_web::{Server, Settings};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};

/// Runs `sluice serve` until the program is ended; what is at work then is done first.
///
/// # Errors
/// If it cannot start.
pub fn run(args: &Serve) -> Outcome {
    let mut service = Service::open(&args.database.url()?)?;
    // A simulated database that was never given a moment has none.
    service.moment(None)?;
    let simulated = service.is_simulated()?;
    if args.move_clock && !simulated {
        return Err(Failure::Use(
            "--move-clock is for simulated databases; the clock of this one goes by itself".to_owned(),
        ));
    }
    let settings = Settings { listen: args.listen, moves_clock: args.move_clock, ..Settings::default() };
    let server = Server::start(service, settings).map_err(|error| match error {
        sluice_web::Failure::Service(error) => error.into(),
        error => Failure::usage(error),
    })?;
    let address = server.address();
    print_line(&format!("Sluice serves http://{address}/api/v1 (its description: /api/v1/openapi.json)"))?;
    if simulated {
        let how = if args.move_clock { "moved by POST /api/v1/clock" } else { "left as it stands" };
        print_line(&format!("The database is simulated: its clock is {how}."))?;
    }
    let running = Arc::new(Mutex::new(Some(server)));
    let stopped = Arc::clone(&running);
    let _ends = AtInterrupt::set(move || {
        let server = stopped.lock().unwrap_or_else(PoisonError::into_inner).take();
        server.into_iter().for_each(Server::stop);
    })?;
    // Whoever ends the program ends it by a signal.
    let (_never, forever) = channel::<()>();
    let _ = forever.recv();
    Ok(Done::Clean)
}
