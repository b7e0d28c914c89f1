/** To whom the calls between the kernel and a cell are opened. */
export const names = {
	/** Of the kernel, to a cell that waits for a task: the modules, as a JSON list, that it will likely load, and a component to play with. */
	warm: 'warm',
	/** Of the kernel: here is the task, in the head, and the component. Answered with how the guest ended. */
	start: 'start',
	/** Of the kernel: the guest's standard input. */
	input: 'input',
	/** Of the kernel: a request for a guest that serves. */
	serve: 'serve',
	/** Of the kernel: whether the cell is alive, and what it has used. */
	pulse: 'pulse',
	/** Of the kernel: take no more connections; answered when those that there are have ended. */
	drain: 'drain',
	/** Of the cell: the guest's output. */
	stdout: 'stdout',
	stderr: 'stderr',
	/** Of the cell: it has begun with the component, and what comes is the guest's time. */
	begun: 'begun',
	/** Of the cell: it listens at what it was handed over. */
	listening: 'listening',
	/** Of the cell: the guest was refused something; a list of what it tried, what it is about and what would have granted it, as JSON. */
	refused: 'refused',
	/** Of the cell: a half calls its kernel half; the name of the plugin follows. */
	part: 'part:',
} as const;
