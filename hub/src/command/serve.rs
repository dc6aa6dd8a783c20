//! `serve`: waits for children, and serves the console.

use std::sync::Arc;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::lifecycle::Lifecycle;
use tongpin_console::listening::{self, Pages};
use tongpin_console::net;
use tongpin_link::admin::{Claim, Serving};
use tongpin_link::downlink;

use crate::app::{App, NAME};
use crate::failure::Failure;
use crate::ops::planned::PlannedReleases;
use crate::ops::trials::OverTrials;

/// Where to listen.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub serve
  tongpin-hub serve --listen 10.0.0.1:7401 --page off
Ctrl-C 或 SIGTERM：处理完手头的事再停；再按一次立即停。已确认的数据不会丢失。")]
pub(crate) struct Args {
    /// 监听地址；默认用配置里的 listen
    #[arg(long, value_name = "主机:端口")]
    listen: Option<String>,
    /// 管理页面地址，off 表示不开；默认用配置里的 page
    #[arg(long, value_name = "主机:端口")]
    page: Option<String>,
}

#[derive(Serialize)]
struct Ready<'a> {
    #[serde(rename = "ready")]
    is: bool,
    listen: &'a str,
    page: Option<&'a str>,
    /// Makes the first administrator, as long as there is none.
    setup_code: Option<&'a str>,
}

/// Serves until it is told to stop.
///
/// # Errors
/// Another `serve` runs on the folder, an address cannot be had, or a part of it failed.
pub(crate) async fn run(app: App, args: Args) -> Result<Exit, Failure> {
    let app = Arc::new(app);
    let claim = Claim::take(&app.data)?;
    net::raise_file_limit();
    let mut lifecycle = Lifecycle::new()?;
    let token = lifecycle.token();
    let common = &app.settings.common;
    let listener = net::bind(args.listen.as_deref().unwrap_or(&common.listen)).await?;
    let listen = listener.local_addr()?.to_string();
    let pages = Pages::bind(args.page.as_deref().unwrap_or(&common.page), &app.data, common).await?;
    let address = pages.as_ref().map(Pages::address);

    let site = app.site.clone();
    lifecycle.spawn_endless("others", site.clone().hear_others(token.clone()));
    let (_downlink, serving) = downlink::serve(site, listener, token.clone());
    lifecycle.spawn("downlink", serving);
    lifecycle.spawn_job(app.site.clone(), PlannedReleases(app.clone()));
    lifecycle.spawn_job(app.site.clone(), OverTrials(app.clone()));
    let web = crate::web::console(&app).await?;
    let setup_code = pages.as_ref().and_then(|_| web.setup_code().map(str::to_owned));
    listening::warn(&app.output, &app.private_files(), pages.as_ref());
    if let Some(pages) = pages {
        pages.serve(app.site.clone(), web, &mut lifecycle);
    }
    claim.tell(&Serving {
        process: std::process::id(),
        listen: listen.clone(),
        page: address.clone(),
        since: app.site.now(),
    })?;
    if let Err(failure) = tell_ready(&app, &listen, address.as_deref(), setup_code.as_deref()).await {
        tracing::warn!(error = failure.chain(), "nobody could be told that the hub is up");
    }
    lifecycle.run().await?;
    Ok(Exit::Done)
}

async fn tell_ready(app: &App, listen: &str, page: Option<&str>, setup_code: Option<&str>) -> Result<(), Failure> {
    let output = &app.output;
    if output.json {
        let line = serde_json::to_string(&Ready { is: true, listen, page, setup_code });
        output.print_text(&line.map_err(|error| Failure::unreadable("ready", &error))?)?;
        return Ok(());
    }
    let name = app.store().meta(NAME).await?.unwrap_or_default();
    let region = app.site.region();
    let shown = page.unwrap_or_else(|| output.pick("未开", "off"));
    let zh_code = setup_code.map(|code| format!("\n  启用码    {code}（首次启用时在管理页面输入，用后作废）"));
    let en_code =
        setup_code.map(|code| format!("\n  set-up    {code} (to be typed on the console at the first start)"));
    let (zh_code, en_code) = (zh_code.unwrap_or_default(), en_code.unwrap_or_default());
    let zh = format!(
        "市级平台 {region} {name} 已启动\n  区县连接  {listen}\n  管理页面  {shown}{zh_code}\n按 Ctrl-C 停止。"
    );
    let en = format!(
        "The hub of {region} {name} is up\n  children  {listen}\n  console   {shown}{en_code}\nCtrl-C stops it."
    );
    Ok(output.tell(output.pick(&zh, &en))?)
}
