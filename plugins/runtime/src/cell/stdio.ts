import {Bell, type Call, type Sink, type Source} from '@forgeone/sdk/cell';
import {names} from './names.ts';

/** The standard streams of a guest, as its cell carries them. */
export interface Stdio {
	readonly input: Source & {
		/** Its bytes come with this call. */
		resolve(call: Call): void;
	};
	readonly stdout: Sink;
	readonly stderr: Sink;
	/** No more output will come. */
	end(): void;
}

/** A call that is opened when the first word goes out. The guest may drop the stream, and get it again. What it flushes is told, though it never pauses. */
function output(open: () => Call, flush: () => void): Sink & {end(): void} {
	let call: Call | undefined;
	const sink = (): Call['outgoing'] => {
		call ??= open();
		return call.outgoing;
	};
	return {
		ready: () => sink().ready(),
		watch: wake => sink().watch(wake),
		room: () => sink().room(),
		write: bytes => sink().write(bytes),
		flushed() {
			flush();
			return true;
		},
		end: () => call?.outgoing.end(),
	};
}

/** Makes the standard streams of a guest; `open` opens a call to the kernel, and `flush` has what was said on it go out. */
export function createStdio(open: (name: string) => Call, flush: () => void): Stdio {
	const bell = new Bell();
	let input: Call['incoming'] | undefined;
	const [stdout, stderr] = [names.stdout, names.stderr].map(name => output(() => open(name), flush)) as [
		ReturnType<typeof output>,
		ReturnType<typeof output>,
	];
	return {
		input: {
			resolve(call) {
				input = call.incoming;
				call.outgoing.end();
				input.watch(() => bell.ring());
				bell.ring();
			},
			ready: () => input?.ready() ?? false,
			watch: bell.watch,
			read: most => (input ? input.read(most) : new Uint8Array()),
		},
		stdout,
		stderr,
		end() {
			stdout.end();
			stderr.end();
		},
	};
}
