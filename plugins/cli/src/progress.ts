const frames = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

/** Shows on standard error what is being done and for how long, while it is a terminal; elsewhere it is silent. */
export interface Progress {
	/** What is done from now on. */
	step(what: string): void;
	/** Leaves nothing of it. */
	end(): void;
}

/** Begins to show progress at the first step. */
export function createProgress({isTTY, write}: {readonly isTTY: boolean; write(text: string): unknown} = terminal): Progress {
	if (!isTTY) return {step: () => undefined, end: () => undefined};
	let [shown, began, timer] = ['', 0, undefined as NodeJS.Timeout | undefined];
	const draw = () => {
		const passed = performance.now() - began;
		write(`\r\x1b[K${frames[Math.floor(passed / 80) % frames.length]} ${shown} ${(passed / 1000).toFixed(0)} s`);
	};
	return {
		step(what) {
			shown = what;
			if (timer === undefined) began = performance.now();
			timer ??= setInterval(draw, 80);
			draw();
		},
		end() {
			clearInterval(timer);
			if (timer !== undefined) write('\r\x1b[K');
			timer = undefined;
		},
	};
}

const terminal = {isTTY: process.stderr.isTTY, write: (text: string) => process.stderr.write(text)};
