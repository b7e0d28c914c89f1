import {setTimeout} from 'node:timers/promises';

/** What wasmtime's scripts import: `host` with its functions and resources, and functions of the world. */
export function spectest(): Record<string, unknown> {
	let drops = 0;
	let last = 0;
	class Resource1 {
		readonly rep: number;
		constructor(rep: number) {
			this.rep = rep;
		}
		static assert(resource: Resource1, rep: number): void {
			if (resource.rep !== rep) throw new Error('another resource');
		}
		static lastDrop = () => last;
		static drops = () => drops;
		simple(rep: number): void {
			if (this.rep !== rep) throw new Error('another resource');
		}
		takeBorrow(): void {}
		takeOwn(): void {}
		neverReturn(): Promise<void> {
			return new Promise(() => {});
		}
		[Symbol.dispose](): void {
			drops++;
			last = this.rep;
		}
	}
	return {
		host: {
			returnThree: () => 3,
			returnHi: () => 'hi',
			returnTwoSlowly: () => setTimeout(10, 2),
			echoSlowly: (value: number) => setTimeout(10, value),
			nested: {returnFour: () => 4},
			Resource1,
			Resource2: class {},
			Resource1Again: Resource1,
		},
		'host-return-two': () => 2,
		'host-echo-u32': (value: number) => value,
	};
}
