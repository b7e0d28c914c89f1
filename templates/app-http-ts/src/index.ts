/** What is asked, and what answers it. */
const routes: Readonly<Record<string, (request: Request) => Response | Promise<Response>>> = {
	'GET /': ({method, url}) => new Response(`Hello from ForgeOne! You asked for ${method} ${new URL(url).pathname}\n`),
	'POST /echo': async request => new Response(await request.arrayBuffer()),
};

async function answer(request: Request): Promise<Response> {
	const asked = `${request.method} ${new URL(request.url).pathname}`;
	const route = routes[asked];
	return route ? route(request) : new Response(`nothing at ${asked}; try GET / or POST /echo\n`, {status: 404});
}

addEventListener('fetch', event => event.respondWith(answer(event.request)));
