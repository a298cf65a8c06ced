//! `gristmill completions` and `gristmill man`: what shells and `man` want to know, made from the command line's own definition.

use clap::{Args, Command};

use crate::error::{Context, Error, Result};

/// Writes the completions of a shell to stdout.
#[derive(Args)]
#[command(after_help = "Example: gristmill completions bash > gristmill.bash")]
pub struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    shell: clap_complete::Shell,
}

/// Writes the manual page to stdout, of the program or of one command.
#[derive(Args)]
#[command(after_help = "Example: gristmill man build > gristmill-build.1")]
pub struct Man {
    /// A command; without it the page of the program.
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

pub fn completions(arguments: &Completions, mut command: Command) -> Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "gristmill", &mut text);
    write(&text)
}

pub fn man(arguments: &Man, mut command: Command) -> Result<()> {
    command.build();
    let page = match &arguments.command {
        None => command,
        Some(name) => {
            let known: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
            let unknown = || Error::recipe(format!("there is no command {name:?}; known are {}", known.join(", ")));
            let page = command.find_subcommand(name).ok_or_else(unknown)?.clone();
            page.display_name(format!("gristmill-{name}"))
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text).context(|| "cannot draw the manual page")?;
    write(&text)
}

fn write(text: &[u8]) -> Result<()> {
    std::io::Write::write_all(&mut std::io::stdout().lock(), text).context(|| "cannot write to standard output")
}
