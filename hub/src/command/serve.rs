//! `serve`: waits for children, and serves the console.

use std::sync::Arc;

use serde::Serialize;
use tokio::net::TcpListener;
use tongpin_console::doctor;
use tongpin_console::exit::Exit;
use tongpin_console::lifecycle::Lifecycle;
use tongpin_console::net;
use tongpin_console::web;
use tongpin_link::admin::{Claim, Serving};
use tongpin_link::downlink;
use tongpin_link::reconcile;
use tongpin_link::tls::{Limits, PageTls, plain_pages, secure_pages};

use crate::app::{App, NAME};
use crate::failure::Failure;
use crate::ops::planned::PlannedReleases;

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
    let listener = net::bind(args.listen.as_deref().unwrap_or(&app.settings.listen)).await?;
    let listen = listener.local_addr()?.to_string();
    let wanted = args.page.as_deref().unwrap_or(&app.settings.page).trim();
    let shown =
        if wanted.is_empty() || wanted.eq_ignore_ascii_case("off") { None } else { Some(net::bind(wanted).await?) };
    let tls = page_tls(&app)?;
    let at = shown.as_ref().map(TcpListener::local_addr).transpose()?;
    let warning = at.filter(|_| tls.is_none()).and_then(|at| net::plain_page_warning(at, app.output.lang));
    let scheme = if tls.is_some() { "https" } else { "http" };
    let address = at.map(|at| format!("{scheme}://{at}"));

    let site = app.site.clone();
    lifecycle.spawn("others", done(site.clone().hear_others(token.clone())));
    let (_downlink, serving) = downlink::serve(site, listener, token.clone());
    lifecycle.spawn("downlink", serving);
    let (planned, of, stopping) = (PlannedReleases(app.clone()), app.site.clone(), token.clone());
    lifecycle.spawn("planned releases", async move {
        reconcile::run(&of, planned, stopping).await;
        Ok::<(), Failure>(())
    });
    let web = crate::web::console(&app).await?;
    let setup_code = shown.as_ref().and_then(|_| web.setup_code().map(str::to_owned));
    match (shown, tls) {
        (Some(listener), Some(tls)) => {
            let fresh = tls.clone().keep_fresh(token.clone());
            lifecycle.spawn("page certificate", async move {
                fresh.await;
                Ok::<(), Failure>(())
            });
            let address = listener.local_addr()?;
            let incoming = secure_pages(listener, tls, Limits::default(), token.clone());
            lifecycle.spawn("console", done(web::serve_secured(incoming, address, web, token.clone())));
        }
        (Some(listener), None) => {
            let address = listener.local_addr()?;
            let incoming = plain_pages(listener, Limits::default(), token.clone());
            lifecycle.spawn("console", done(web::serve(incoming, address, web, token.clone())));
        }
        (None, _) => {}
    }
    if let Some(exposed) = doctor::exposed(&app.private_files(), app.output.lang) {
        tracing::warn!("keys or records are open to other users of this machine");
        // It is in the log too; who reads neither is served all the same.
        drop(app.output.tell(&exposed));
    }
    if let Some(warning) = warning {
        tracing::warn!("the console is open to other machines without TLS");
        drop(app.output.tell(&warning));
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

async fn done(part: impl Future<Output = ()>) -> Result<(), Failure> {
    part.await;
    Ok(())
}

/// The certificate of the pages, if one is configured.
pub(super) fn page_tls(app: &App) -> Result<Option<Arc<PageTls>>, Failure> {
    let settings = &app.settings;
    Ok(PageTls::configured(&settings.page_cert, &settings.page_key, &app.data)?)
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
