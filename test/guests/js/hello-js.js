/** A command: prints its arguments and environment, copies standard input, and ends as told: `fail` or `exit N`. */
import {getArguments, getEnvironment} from 'wasi:cli/environment@0.2.0';
import {exitWithCode} from 'wasi:cli/exit@0.2.0';
import {getStdin} from 'wasi:cli/stdin@0.2.0';
import {getStdout} from 'wasi:cli/stdout@0.2.0';

const chunk = 4096;

// The engine has no TextEncoder.
const encode = text => Uint8Array.from(unescape(encodeURIComponent(text)), unit => unit.charCodeAt(0));

const write = (stream, bytes) => {
	for (let at = 0; at < bytes.length; at += chunk) stream.blockingWriteAndFlush(bytes.subarray(at, at + chunk));
};

const copy = (from, to) => {
	try {
		for (;;) write(to, new Uint8Array(from.blockingRead(chunk)));
	} catch {
		// The end of a stream is reported as an error.
	}
};

export const run = {
	run() {
		const out = getStdout();
		const args = getArguments();
		write(out, encode(`args ${JSON.stringify(args.slice(1))}\n`));
		for (const [name, value] of getEnvironment()) write(out, encode(`env ${name}=${value}\n`));
		copy(getStdin(), out);
		const at = args.indexOf('exit');
		if (at > 0) exitWithCode(Number(args[at + 1]));
		if (args.includes('fail')) throw undefined;
	},
};
