// Sends each <form data-unsubscribe> in place and tells what becomes of it. Where it cannot, the form is sent as without
// it. How to use it: docs/forms.md.

/** By what the relay answers: the status of a form that it did not take, or the state of a receipt. */
const WORDS = {
  sending: 'One moment…',
  received: 'Your request is recorded.',
  confirmed: 'Confirmed: you are unsubscribed.',
  superseded: 'Not carried out: you subscribed again after this request.',
  receipt: 'Receipt',
  400: 'Please check the email address.',
  413: 'The request was too large.',
  429: 'Too many requests. Please try again in {minutes} min.',
  503: 'This did not work. Please try again in a moment.',
};

/** What makes a browser ask nobody beforehand, and the relay answer in JSON. */
const ask = (url, more) => fetch(url, { ...more, headers: { accept: 'application/json' } });

/** Asks for the receipt until there is news, ever more rarely and for two minutes. */
function follow(receipt, tell, waitMs = 1000) {
  setTimeout(async () => {
    const answer = ask(receipt).then((it) => it.json());
    const { state = 'received' } = await answer.catch(() => ({}));
    if (state !== 'received') tell(state);
    else if (waitMs < 30000) follow(receipt, tell, waitMs * 1.5);
  }, waitMs);
}

function enhance(form) {
  const url = form.getAttribute('action');
  const wordsFor = (what) => form.dataset[what] ?? WORDS[what];
  const status = document.createElement('p');
  status.setAttribute('role', 'status');
  status.tabIndex = -1;
  form.after(status);

  const send = async () => {
    const body = new URLSearchParams(new FormData(form));
    const answer = await ask(url, { method: 'POST', body, keepalive: true });
    if (answer.status === 202) return show((await answer.json()).receipt);
    const minutes = Math.ceil(answer.headers.get('retry-after') / 60);
    status.textContent = (wordsFor(answer.status) ?? wordsFor(503)).replace('{minutes}', minutes);
    if (answer.status === 400) form.querySelector('[name=email]').focus();
  };

  const show = (receipt) => {
    const link = document.createElement('a');
    link.href = receipt;
    link.textContent = wordsFor('receipt');
    const tell = (state) => status.replaceChildren(wordsFor(state) ?? wordsFor('received'), ' ', link);
    form.remove();
    tell('received');
    status.focus();
    follow(receipt, tell);
  };

  let isPlain = false;
  /** There was no answer, or none that this page may see. In the latter case somebody is there to take the plain form. */
  const giveUp = async () => {
    isPlain = true;
    const isThere = await fetch(url, { mode: 'no-cors' }).catch(() => false);
    if (isThere) HTMLFormElement.prototype.submit.call(form);
    else status.textContent = wordsFor(503);
  };

  let isBusy = false;
  form.addEventListener('submit', async (event) => {
    if (isPlain) return;
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    status.textContent = wordsFor('sending');
    await send().catch(giveUp);
    isBusy = false;
  });
}

for (const form of document.querySelectorAll('form[data-unsubscribe]')) enhance(form);
