import type { LocalRoute } from './gateway.ts';

/** A landing page such as a user of the relay would have, with the form in it. */
const LANDING = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Example Shop</title>
<style>body{font:1.125rem/1.5 system-ui,sans-serif;margin:3rem auto;max-width:36rem;padding:0 1rem}</style>
<h1>Example Shop</h1>
<p>A landing page of yours. Its form posts to the relay, and that is all there is to it:</p>
<form method="post" action="/unsubscribe">
<label>E-mail address <input name="email" type="email" value="ada@example.com" required></label>
<input type="hidden" name="website">
<button>Unsubscribe</button>
</form>
</html>
`;

/** Served beside the relay; never shipped. */
export const landingPage: LocalRoute = ({ response }) => {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(LANDING);
};
