/**
 * Turns "recorded" into what became of it: asks for the receipt as JSON, ever more rarely and for two minutes, and then
 * takes the words of the page that the server has for the new state. The link to ask by hand stays until then.
 */
export const RECEIPT_SCRIPT = `(() => {
const status = document.querySelector('[role=status]');
const receipt = status.querySelector('a').href;
const end = Date.now() + 120000;
let wait = 1000;
const later = () => {
if (Date.now() + wait < end) setTimeout(look, wait);
wait = Math.min(wait * 1.5, 15000);
};
const look = async () => {
try {
const answer = await fetch(receipt, { headers: { accept: 'application/json' } });
if (answer.ok && (await answer.json()).state !== 'received') return await show();
} catch {}
later();
};
const show = async () => {
const text = await (await fetch(receipt, { headers: { accept: 'text/html' } })).text();
const page = new DOMParser().parseFromString(text, 'text/html');
const now = page.querySelector('[role=status]');
const isFocused = status.contains(document.activeElement);
document.title = page.title;
status.dataset.state = now.dataset.state;
status.replaceChildren(...now.childNodes);
if (isFocused) status.focus();
};
later();
})()`;
