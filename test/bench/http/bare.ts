/** `node bare.ts PORT`: what `node:http` does by itself: says hello, and gives back what is sent to it. */
import {createServer} from 'node:http';

createServer(async (incoming, outgoing) => {
	if (incoming.method === 'GET') {
		outgoing.writeHead(200, {'content-type': 'text/plain; charset=utf-8'}).end('Hello from /\n');
		return;
	}
	const all: Uint8Array[] = [];
	for await (const chunk of incoming) all.push(chunk);
	outgoing.writeHead(200).end(Buffer.concat(all));
}).listen(Number(process.argv[2]), '127.0.0.1');
