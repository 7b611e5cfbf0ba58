//! `kalc man`: manual pages.

use crate::cli::{Cli, ManArgs};
use crate::error::{Error, Status};
use crate::output;
use clap::CommandFactory;
use clap_mangen::Man;
use std::path::Path;

/// Runs the command.
pub fn run(args: &ManArgs) -> Result<Status, Error> {
    let mut command = Cli::command();
    command.build();
    match &args.output {
        None => output::write(&page(command, "standard output")?, None)?,
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(|source| Error::Write { path: folder.clone(), source })?;
            let write = |command: clap::Command| {
                let file = Path::new(folder).join(format!("{}.1", command.get_display_name().unwrap_or("kalc")));
                let file = file.to_string_lossy();
                output::write(&page(command, &file)?, Some(&file))
            };
            for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
                write(sub.clone())?;
            }
            write(command)?;
        }
    }
    Ok(Status::Clean)
}

fn page(command: clap::Command, path: &str) -> Result<String, Error> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page).map_err(|source| Error::Write { path: path.to_owned(), source })?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
