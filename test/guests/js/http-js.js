/** An HTTP handler: `GET /` greets, `POST /echo` answers with the body, `GET /env` lists the environment. */
import {getEnvironment} from 'wasi:cli/environment@0.2.10';

const routes = {
	'GET /': request => new Response(`Hello from ${new URL(request.url).pathname}\n`),
	'POST /echo': async request => new Response(await request.arrayBuffer()),
	'GET /env': () => new Response(JSON.stringify(Object.fromEntries(getEnvironment()))),
};

const missing = () => new Response('not found\n', {status: 404});

const answer = request => (routes[`${request.method} ${new URL(request.url).pathname}`] ?? missing)(request);

addEventListener('fetch', event => event.respondWith(Promise.resolve(event.request).then(answer)));
