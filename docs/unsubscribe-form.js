// Submits each <form data-unsubscribe> without leaving the page and shows its status. If that is not possible, the form is
// submitted as it would be without this script. See docs/forms.md.

/** The texts by state of the receipt, or by status of a rejected request. */
const TEXTS = {
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

/** Requests JSON from the relay. `Accept` is a safelisted header, so browsers send no CORS preflight. */
const requestJson = (url, init) => fetch(url, { ...init, headers: { accept: 'application/json' } });

/** Polls the receipt until its state changes, with growing intervals for about two minutes. */
function poll(receipt, onState, waitMs = 1000) {
  setTimeout(async () => {
    const status = requestJson(receipt).then((response) => response.json());
    const { state = 'received' } = await status.catch(() => ({}));
    if (state !== 'received') onState(state);
    else if (waitMs < 30000) poll(receipt, onState, waitMs * 1.5);
  }, waitMs);
}

function enhance(form) {
  const url = form.getAttribute('action');
  const textFor = (key) => form.dataset[key] ?? TEXTS[key];
  const status = document.createElement('p');
  status.setAttribute('role', 'status');
  status.tabIndex = -1;
  form.after(status);

  const send = async () => {
    const body = new URLSearchParams(new FormData(form));
    const response = await requestJson(url, { method: 'POST', body, keepalive: true });
    if (response.status === 202) return showReceipt((await response.json()).receipt);
    const minutes = Math.ceil(response.headers.get('retry-after') / 60);
    status.textContent = (textFor(response.status) ?? textFor(503)).replace('{minutes}', minutes);
    if (response.status === 400) form.querySelector('[name=email]').focus();
  };

  const showReceipt = (receipt) => {
    const link = document.createElement('a');
    link.href = receipt;
    link.textContent = textFor('receipt');
    const showState = (state) => status.replaceChildren(textFor(state) ?? textFor('received'), ' ', link);
    form.remove();
    showState('received');
    status.focus();
    poll(receipt, showState);
  };

  let isDisabled = false;
  /**
   * Handles a request without a readable response. If the relay is reachable, CORS blocked the response, and the form is submitted
   * natively. Otherwise the error is shown. Either way, the next submission is native.
   */
  const fallBack = async () => {
    isDisabled = true;
    const isReachable = await fetch(url, { mode: 'no-cors' }).catch(() => false);
    if (isReachable) HTMLFormElement.prototype.submit.call(form);
    else status.textContent = textFor(503);
  };

  let isBusy = false;
  form.addEventListener('submit', async (event) => {
    if (isDisabled) return;
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    status.textContent = textFor('sending');
    await send().catch(fallBack);
    isBusy = false;
  });
}

for (const form of document.querySelectorAll('form[data-unsubscribe]')) enhance(form);
