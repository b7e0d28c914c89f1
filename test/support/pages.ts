/** What a test of a page needs, to run the commands that it shows. */
import {createServer} from 'node:net';

/** The commands that a page shows, in order. */
export function commandsOf(page: string): string {
	return [...page.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block).join('');
}

/** A port that is free, in place of one that a page names. */
export async function freePort(): Promise<number> {
	const {promise, resolve} = Promise.withResolvers<number>();
	const server = createServer().listen(0, '127.0.0.1', () => {
		const {port} = server.address() as {port: number};
		server.close(() => resolve(port));
	});
	return promise;
}
