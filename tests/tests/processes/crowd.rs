//! More strangers at the port of a link than the program has file descriptors: the pages answer, and whoever was
//! invited comes in.

use std::net::TcpStream;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::deaf::Serving;
use crate::ground::{DRAFTER, Ground};

/// The descriptors that the program has, soft and hard, and the connections that hold its link's port: all strangers of
/// one machine together may take fewer.
const DESCRIPTORS: usize = 400;
const STRANGERS: usize = 500;

/// With five hundred silent connections on the link's port, and four hundred descriptors for everything, the console
/// answers as before, a county joins, and the program stops when it is told to.
#[test]
fn strangers_leave_room() -> Result<()> {
    let ground = Ground::found()?;
    let inner = ground.hub.prepared(&["--json", "serve", "--listen", "127.0.0.1:0", "--page", "127.0.0.1:0"])?;
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("ulimit -n {DESCRIPTORS} && exec \"$0\" \"$@\""));
    command.arg(inner.get_program()).args(inner.get_args()).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let serving = Serving::started(command.spawn()?)?;
    let strangers: Result<Vec<TcpStream>, _> = (0..STRANGERS).map(|_| TcpStream::connect(&serving.listen)).collect();
    let strangers = strangers?;
    for _ in 0..20 {
        serving.answers()?;
    }
    let county = ground.codes.0.as_str();
    let invited = ground.hub.ask(&["invite", county, "--address", &serving.listen, "--by", DRAFTER])?;
    ground.county.run(&["join", invited["token"].as_str().context("a token")?])?;
    drop(strangers);
    serving.stops()
}
