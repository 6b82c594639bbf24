import type { LocalRoute } from './gateway.ts';

/** A sample landing page with the unsubscribe form. */
const LANDING = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Example Shop</title>
<style>body{font:1.125rem/1.5 system-ui,sans-serif;margin:3rem auto;max-width:36rem;padding:0 1rem}</style>
<h1>Example Shop</h1>
<p>This is a landing page of yours. Its form posts to the relay:</p>
<form method="post" action="/unsubscribe">
<label>Email address <input name="email" type="email" value="ada@example.com" required></label>
<input type="hidden" name="website">
<button>Unsubscribe</button>
</form>
</html>
`;

/** Served by the local stack only. */
export const landingPage: LocalRoute = ({ response }) => {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(LANDING);
};
