/**
 * Updates the page when the opt-out leaves the state `received`: polls the receipt as JSON with growing intervals for two
 * minutes, then replaces the status with that of the freshly fetched page. The reload link stays until then.
 */
export const RECEIPT_SCRIPT = `(() => {
const status = document.querySelector('[role=status]');
const receipt = status.querySelector('a').href;
const end = Date.now() + 120000;
let wait = 1000;
const schedule = () => {
if (Date.now() + wait < end) setTimeout(poll, wait);
wait = Math.min(wait * 1.5, 15000);
};
const poll = async () => {
try {
const response = await fetch(receipt, { headers: { accept: 'application/json' } });
if (response.ok && (await response.json()).state !== 'received') return await render();
} catch {}
schedule();
};
const render = async () => {
const text = await (await fetch(receipt, { headers: { accept: 'text/html' } })).text();
const page = new DOMParser().parseFromString(text, 'text/html');
const fresh = page.querySelector('[role=status]');
const isFocused = status.contains(document.activeElement);
document.title = page.title;
status.dataset.state = fresh.dataset.state;
status.replaceChildren(...fresh.childNodes);
if (isFocused) status.focus();
};
schedule();
})()`;
