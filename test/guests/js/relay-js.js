/** An HTTP handler that asks another server, whose URL is in the query, and passes on what it says. */
async function relay(request) {
	const url = decodeURIComponent(new URL(request.url).search.slice(1));
	try {
		const body = request.method === 'POST' ? await request.arrayBuffer() : undefined;
		const response = await fetch(url, {method: request.method, body});
		return new Response(await response.arrayBuffer(), {status: response.status});
	} catch (error) {
		return new Response(`refused: ${error.message}\n`, {status: 502});
	}
}

addEventListener('fetch', event => event.respondWith(relay(event.request)));
