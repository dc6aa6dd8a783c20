//! What a thousand followers cost a hub: a commit while they are there, the last of them joining, and their reports all
//! at once. They are links without a database, in a process of their own, so that only the hub's work is counted.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tokio::task::JoinSet;
use tongpin_domain::collection::Collection;
use tongpin_domain::region::RegionCode;
use tongpin_domain::report::{CollectionRef, Report};
use tongpin_link::downlink;
use tongpin_link::identity::Identity;
use tongpin_link::tls::Clock;
use tongpin_link::token::Token;
use tongpin_link::uplink;
use tongpin_proto::v1;
use tongpin_store::Store;
use tongpin_tests::figures;
use tongpin_tests::inprocess::{Member, TestClock, region, until};
use tongpin_tests::line::{Line, applied, reported};
use tongpin_tests::process::processor_time;

const FOLLOWERS: usize = 1_000;
const COMMITS: u32 = 200;
const CROWD: &str = "TONGPIN_BENCH_CROWD";
const COLLECTION: &str = "county-scores";

/// The folder for the crowd, if this process is to be one.
pub(crate) fn folder() -> Option<PathBuf> {
    std::env::var_os(CROWD).map(PathBuf::from)
}

/// A follower in the crowd's process.
struct Follower {
    identity: Identity,
    parent: RegionCode,
    line: Line,
    /// How many reports it has sent.
    sent: u64,
}

/// Does what each line from standard input says, and answers with a line.
pub(crate) fn child(folder: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let clock = TestClock::default().clock();
        let path = folder.join("tongpin.sqlite");
        let store = Store::open(path.to_str().context("a path in UTF-8")?).await?;
        let mut crowd: Vec<Follower> = Vec::new();
        for line in std::io::stdin().lock().lines() {
            let line = line?;
            let (word, rest) = line.split_once(' ').context("a word and what it is about")?;
            let answer = match word {
                "join" => {
                    crowd.push(follow(&store, folder, rest, &clock).await?);
                    "joined".to_owned()
                }
                // So many of the first of them report at once.
                "report" => report(&mut crowd, rest.parse()?, &clock).await?,
                other => anyhow::bail!("what is {other}?"),
            };
            println!("{answer}");
        }
        Ok(())
    })
}

/// Joins with a token, follows, and takes what is sent until it has the collection.
async fn follow(store: &Store, folder: &Path, token: &str, clock: &Clock) -> Result<Follower> {
    let token: Token = Token::parse(token)?;
    let keys = folder.join(token.region.as_str());
    let joined = uplink::join(store, &keys, &token, clock.clone()).await?;
    let mut line = Line::open(&joined.identity, token.parent.clone(), &token.address, clock, Vec::new()).await?;
    let mut missing = 2;
    while missing > 0 {
        if let v1::downward::Body::Transfer(transfer) = line.hear().await? {
            line.say(applied(&transfer).context("a small transfer")?).await?;
            missing -= 1;
        }
    }
    Ok(Follower { identity: joined.identity, parent: token.parent, line, sent: 0 })
}

/// All send their next report at the same moment; how many milliseconds until the last of them was acknowledged.
async fn report(crowd: &mut Vec<Follower>, count: usize, clock: &Clock) -> Result<String> {
    let rest = crowd.split_off(count.min(crowd.len()));
    let mut ready = Vec::new();
    for mut follower in std::mem::replace(crowd, rest) {
        follower.sent += 1;
        let report = first_report(&follower, clock)?;
        // Each round is about a collection of its own, so that every report is a first one.
        let collection = format!("{COLLECTION}-{}", follower.sent);
        let batch = reported(&follower.identity, &Report { collection, ..report }, follower.sent)?;
        ready.push((follower, batch));
    }
    let mut sending = JoinSet::new();
    let began = Instant::now();
    for (mut follower, batch) in ready {
        sending.spawn(async move {
            follower.line.say(v1::upward::Body::Batch(batch)).await?;
            let mut receipts = 0;
            loop {
                match follower.line.hear().await? {
                    v1::downward::Body::Receipt(receipt) => {
                        let told = receipt.signed.map(|signed| signed.payload).unwrap_or_default();
                        ensure!(told.windows(10).any(|word| word == b"\"accepted\""), "accepted: {told:?}");
                        receipts += 1;
                    }
                    v1::downward::Body::Acknowledged(told) => {
                        let number = told.position.map_or(0, |position| position.number);
                        ensure!((number, told.expected) == (follower.sent, 0), "acknowledged");
                        break;
                    }
                    _ => {}
                }
            }
            ensure!(receipts == 1, "a receipt before the acknowledgement");
            Ok(follower)
        });
    }
    let answered = sending.join_all().await;
    let took = began.elapsed();
    let mut back = answered.into_iter().collect::<Result<Vec<_>>>()?;
    back.sort_by(|one, next| one.identity.region().cmp(next.identity.region()));
    back.append(crowd);
    *crowd = back;
    Ok(took.as_micros().to_string())
}

fn first_report(follower: &Follower, clock: &Clock) -> Result<Report> {
    let collection: Collection = serde_json::from_str(&figures::county_scores())?;
    let release = CollectionRef { publisher: follower.parent.clone(), release: 1 };
    figures::first_report(follower.identity.region(), (&collection, release), clock.now())
}

/// The crowd, seen from the hub's process.
struct Crowd {
    process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Crowd {
    fn start(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let mut process = Command::new(std::env::current_exe()?)
            .env(CROWD, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the crowd")?;
        let input = process.stdin.take().context("its input")?;
        let output = BufReader::new(process.stdout.take().context("its output")?).lines();
        Ok(Self { process, input, output })
    }

    /// Says something to it and waits for its answer, which leaves the hub both processors.
    fn ask(&mut self, text: &str) -> Result<String> {
        writeln!(self.input, "{text}")?;
        self.input.flush()?;
        tokio::task::block_in_place(|| self.output.next()).context("the crowd has left")?.map_err(Into::into)
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn used() -> Result<Duration> {
    processor_time("self")
}

fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}

/// All of it, on one hub.
pub(crate) async fn measure() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    // A province, because no city has a thousand counties.
    let hub = Member::hub(folder.path(), "320000", &clock).await?;
    let collections = (1..=2).map(|round| {
        let id = format!("{COLLECTION}-{round}");
        let body = figures::county_scores().replace(&format!("\"{COLLECTION}\""), &format!("\"{id}\""));
        (id, "*".to_owned(), body)
    });
    hub.publish("collections", &collections.collect::<Vec<_>>()).await?;
    hub.publish("rules", &[(figures::RULES.into(), "*".into(), "{}".into())]).await?;
    let mut crowd = Crowd::start(&folder.path().join("crowd"))?;
    let day = Duration::from_hours(24);
    let mut joining = Vec::new();
    for number in 0..FOLLOWERS {
        let code = region(&format!("32{:02}{:02}", number / 90 + 1, number % 90 + 1));
        let token = downlink::invite(&hub.site, &code, &hub.address, day, "经办").await?;
        let before = used()?;
        crowd.ask(&format!("join {}", token.text()))?;
        joining.push(used()?.saturating_sub(before));
    }
    until("all follow", async || Ok(hub.downlink.links().regions().len() == FOLLOWERS)).await?;
    let mean = |part: &[Duration]| part.iter().sum::<Duration>() / u32::try_from(part.len()).unwrap_or(1);
    let (tenth, last) = (mean(&joining[10..60]), mean(&joining[FOLLOWERS - 50..]));
    let ratio = (last.as_secs_f64() / tenth.as_secs_f64() * 100.0).round() / 100.0;
    println!(
        "{}",
        json!({ "measurement": "joining_the_1000th_follower", "unit": "ms of hub CPU", "value": ms(last),
        "the_10th": ms(tenth), "ratio": ratio, "goal": "0.7 to 1.3" })
    );

    tokio::time::sleep(Duration::from_secs(2)).await;
    let one = region("320101");
    let rules = hub.catalog("rules");
    for (name, concerning_one) in [("nobody", false), ("one_of_them", true)] {
        let (before, began) = (used()?, Instant::now());
        for round in 0..COMMITS {
            if concerning_one {
                hub.site.store.allow(&rules, 1, Some(std::slice::from_ref(&one)), clock.now()).await?;
            } else {
                hub.site.store.set_meta("bench", &round.to_string()).await?;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let (cpu, took) = (used()?.saturating_sub(before), began.elapsed());
        let idle = {
            let before = used()?;
            tokio::time::sleep(took).await;
            used()?.saturating_sub(before)
        };
        let each = cpu.saturating_sub(idle) / COMMITS;
        println!(
            "{}",
            json!({ "measurement": format!("commit_with_1000_followers_concerning_{name}"),
            "unit": "ms of hub CPU", "value": ms(each), "idle_meanwhile": ms(idle / COMMITS), "goal": "<= 5" })
        );
    }

    let few = crowd.ask("report 250")?.parse::<u64>()?;
    let all = crowd.ask(&format!("report {FOLLOWERS}"))?.parse::<u64>()?;
    let (few, all) = (Duration::from_micros(few), Duration::from_micros(all));
    let held = hub.site.store.received(&format!("{COLLECTION}-1")).await?.len();
    ensure!(held == FOLLOWERS, "{held} reports are held");
    let each = all.as_secs_f64() / 4.0 / few.as_secs_f64();
    println!(
        "{}",
        json!({ "measurement": "reports_1000_at_once", "unit": "ms", "value": ms(all), "of_250": ms(few),
        "each_beside_250": (each * 100.0).round() / 100.0, "goal": "<= 1500, linear" })
    );
    Ok(())
}
