//! `renew`: asks the parent for a new certificate at once, as after a wrong clock.

use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::{Output, Printed};
use tongpin_domain::moment::Moment;
use tongpin_link::uplink;

use crate::app::App;
use crate::command::say::say;
use crate::failure::Failure;

#[derive(Serialize)]
struct Told {
    valid_from: Moment,
    valid_until: Moment,
}

/// Renews.
///
/// # Errors
/// The parent is not reached or refuses, or the files cannot be written.
pub(crate) async fn run(app: &App) -> Result<Exit, Failure> {
    let entry = app.entry("", "certificate_renew", app.parent.region.as_str(), &app.parent.address);
    app.store().audited(&entry, uplink::renew_now(&app.site, &app.parent)).await?;
    let own = app.site.identity();
    Ok(app.output.give(&Told { valid_from: own.not_before(), valid_until: own.not_after() })?)
}

impl Printed for Told {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Self { valid_from, valid_until } = self;
        say(
            output,
            &format!("证书已换发，{valid_from} 至 {valid_until} 有效；serve 在运行的，一分钟内自动启用"),
            &format!("renewed: valid {valid_from} to {valid_until}; a running serve takes it up within a minute"),
        )
    }
}
