//! Every form of a console handed in blank, and every address that a form leads to opened by hand.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::driver::Browser;

/// Hands in each form of these pages with nothing in its fields, one form of each shape. A blank form is taken as it
/// is, or refused at the fields that lack something; whoever opens its address comes to a page.
const FORMS: &str = r"
    const [addresses, done] = arguments;
    const shape = action => new URL(action).pathname.replace(/[^/]*[0-9][^/]*/g, '0');
    const read = async answer => new DOMParser().parseFromString(await answer.text(), 'text/html');
    const blank = form => {
        const fields = [...form.elements].filter(it => it.matches('textarea, input') && it.name
            && !['hidden', 'checkbox', 'radio', 'submit'].includes(it.type));
        const sent = new FormData(form);
        for (const field of fields) sent.set(field.name, field.type === 'file' ? new File([], '') : '');
        return [fields, form.enctype === 'multipart/form-data' ? sent : new URLSearchParams(sent)];
    };
    (async () => {
        const faults = [], tried = new Set();
        for (const address of addresses) {
            for (const form of (await read(await fetch(address))).querySelectorAll('form[method=post]')) {
                const action = new URL(form.getAttribute('action'), location.origin + address).href;
                if (tried.has(shape(action)) || ['/sign-out', '/lang'].includes(shape(action))) continue;
                tried.add(shape(action));
                const opened = await fetch(action);
                if (![200, 404].includes(opened.status) || !(await read(opened)).querySelector('h1'))
                    faults.push(`${address}: opening ${action} answers ${opened.status}`);
                const [fields, body] = blank(form);
                if (fields.length === 0) continue;
                const answer = await fetch(action, { method: 'POST', body });
                if (answer.status === 422 && !(await read(answer)).querySelector('main [aria-invalid=true]'))
                    faults.push(`${address}: blank, ${action} says at no field what is missing`);
                if (![200, 422].includes(answer.status))
                    faults.push(`${address}: blank, ${action} answers ${answer.status}`);
            }
        }
        done([tried.size, faults]);
    })().catch(error => done([0, [String(error)]]));
";

/// Tries the forms of these pages and returns how many there are.
pub(crate) async fn hand_in(browser: &Browser, pages: &[String]) -> Result<u64> {
    let told = browser.client.execute_async(FORMS, vec![json!(pages)]).await?;
    let faults: Vec<&str> = told[1].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(told[0].as_u64().unwrap_or_default())
}
