"""The `student` object of a test: calls go to a worker, values and exceptions come back.

Nothing a test does here can run a student's code in this process; what comes back is numbers and text.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from torch import Tensor

from autograder.course.symbol import Symbol
from autograder.remote.checkpoints import names_of_network
from autograder.remote.failures import StudentError, StudentFailure
from autograder.remote.forbidden import SeenCall, Watch
from autograder.remote.records import CallRecord, CallResult, Made, Recorder, call_result
from autograder.remote.session import Home, Remote, Session, Transport
from autograder.remote.transcript import Kind, Transcript
from autograder.wire.errors import ProtocolError
from autograder.wire.frames import Arrays

if TYPE_CHECKING:
    from autograder.course.manifest import Limits

WANT = ("out", "inputs_after", "grads", "dtype", "device")
LAYOUTS = ("contiguous", "permuted", "strided")
KEPT = ("call_s", "watched")
"""Options of a call that its worker need not know."""
CONDITION = {"hooks": int, "training": dict, "gradients": int, "frozen": int}
T = TypeVar("T")

# These go through many images, steps or layers; the other drivers take no longer than a call.
LONG_DRIVERS = {
    "train_steps",
    "predict",
    "evaluate",
    "checkpoint",
    "blueprint",
    "parameter_gradients",
    "passes",
}
SMALL_TRAINING = 3
"""Training on data of a test's own may take so many times the time of a test."""


class Function:
    """Something of the student's that can be called: a top-level name, a handle, or a handle's method."""

    def __init__(
        self,
        student: Student,
        target: Any,
        name: str,
        options: Mapping[str, Any] | None = None,
        owner: Handle | None = None,
    ) -> None:
        self._student, self._target, self._name = student, target, name
        self._options, self._owner = options, owner

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The output; a `CallResult` after `.options(...)`."""
        result = self._student._call(self, args, kwargs)
        return result.out if self._options is None else result

    def options(
        self,
        *,
        requires_grad: Sequence[int] = (),
        layout: str = "contiguous",
        seed: int | None = None,
        upstream: Tensor | None = None,
        want: Sequence[str] | None = None,
        call_s: float | None = None,
        watched: bool = True,
    ) -> Function:
        """The same function; calling it gives a `CallResult`.

        requires_grad: positions of arguments; upstream: like the output, grads are those of sum(out * upstream);
        layout: memory order of floating tensors of two or more dimensions; want: parts to send back (all).
        watched: whether forbidden calls are looked for; a call that is timed goes without, after one that was watched.

        Raises: ValueError for options that make no sense.
        """
        parts = tuple(want) if want is not None else tuple(p for p in WANT if p != "grads" or requires_grad)
        if unknown := sorted(set(parts) - set(WANT)):
            raise ValueError(f"want holds {unknown}; it may hold {', '.join(WANT)}")
        if layout not in LAYOUTS:
            raise ValueError(f"layout (={layout!r}) must be one of {', '.join(LAYOUTS)}")
        if "grads" in parts and not requires_grad:
            raise ValueError("want holds 'grads', but requires_grad is empty")
        if "grads" in parts and upstream is None:
            raise ValueError("gradients need upstream, a tensor like the output")
        chosen = {
            "requires_grad": tuple(requires_grad),
            "layout": layout,
            "seed": seed,
            "upstream": upstream,
            "want": parts,
            "call_s": call_s,
            "watched": watched,
        }
        return Function(self._student, self._target, self._name, chosen, self._owner)


class Handle(Function):
    """An object that stays in the worker, until its test group ends or its worker is replaced."""

    made: Made | None = None  # how to make it again; None for an object that comes from the student's code

    def __init__(self, student: Student, remote: Remote) -> None:
        super().__init__(student, ["handle", remote.number, None], f"<{remote.type_name}>", None, self)
        self.remote = remote

    def __repr__(self) -> str:
        return f"Handle({self.remote.type_name})"

    @property
    def type_name(self) -> str:
        """The name of its type, as the worker says."""
        return self.remote.type_name

    def method(self, name: str) -> Function:
        """A method, to be called now or with `.options(...)`."""
        target = ["handle", self.remote.number, name]
        return Function(self._student, target, f"{self._name}.{name}", None, self)

    def call(self, method: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call a method."""
        return self.method(method)(*args, **kwargs)

    def get(self, path: str) -> Any:
        """Read an attribute; `path` may have dots."""
        return self._student.drive("get", module=self, path=path)


class Student:
    """A student's code, as a test sees it. See `Function.options` for what a call may ask.

    Args:
        connect: gives a worker with the submission loaded; called again after a time-out or a crash.
        symbols: the functions and classes that can be called; each is an attribute by its name.
        unavailable: "module:Name" (or "module" for all in it) -> why it cannot be called.
        checkpoint: bytes of a handed-in checkpoint.
        explain: gives an exception its true reason.
        homes: (task, whether it trains) -> its workers, where they hold the submission in another state than those of
            the others.
        watch: the calls that are forbidden in each task, and where to note those that ran.

    Attributes:
        trainings: seconds of each training on a whole data set: of a processor, where the kernel counts them.
    """

    def __init__(
        self,
        connect: Callable[[], Transport],
        symbols: Iterable[Symbol],
        limits: Limits,
        unavailable: Mapping[str, StudentFailure] | None = None,
        checkpoint: bytes | None = None,
        explain: Callable[[StudentError], StudentError] | None = None,
        homes: Mapping[tuple[str, bool], Home] | None = None,
        watch: Watch | None = None,
    ) -> None:
        self._symbols = {symbol.name: symbol.top for symbol in symbols}
        self._home = Home(connect, dict(unavailable or {}), explain or (lambda error: error))
        self._homes = dict(homes or {})
        self._checkpoint, self._limits = checkpoint, limits
        self._session = Session(
            self._home,
            limits,
            wrap=lambda remote: Handle(self, remote),
            unwrap=lambda value: value.remote if isinstance(value, Handle) else None,
            watch=watch,
        )
        self._recorder = Recorder()
        self._transcript = Transcript()
        self.trainings: list[float] = []

    def __getattr__(self, name: str) -> Function:
        if name.startswith("_") or name not in self._symbols:
            raise AttributeError(f"{name!r} is no task symbol")
        return Function(self, str(self._symbols[name]), name)

    # The judge's side: one test after the other.

    @property
    def calls(self) -> list[CallRecord]:
        """Calls of top-level functions since `begin_test` that can be repeated elsewhere."""
        return self._recorder.records

    @property
    def transcript(self) -> Transcript:
        """Everything that was asked and answered since `begin_test`, but trainings on a whole data set."""
        return self._transcript

    @property
    def sent_tensors(self) -> int:
        """How many tensors went to the worker since `begin_test`."""
        return self._session.sent_tensors

    @property
    def making_calls(self) -> list[CallRecord]:
        """Calls since `begin_test` that gave an object of the worker, such as a network."""
        return self._recorder.making

    def begin_task(self, task: str, *, trains: bool = False) -> None:
        """Let calls go to the workers that hold what this task needs."""
        self._session.watch.task = task
        self._session.go_to(self._homes.get((task, trains), self._home))

    def forbidden_calls(self, task: str) -> list[SeenCall]:
        """The forbidden calls that ran in a task so far."""
        return self._session.watch.seen.get(task, [])

    def begin_test(self, budget_s: float | None = None) -> None:
        """Start the clock of a test (`limits.test_s` by default) and forget the recorded calls."""
        self._session.begin_test(self._limits.test_s if budget_s is None else budget_s)
        self._recorder, self._transcript = Recorder(), Transcript()

    def stop_recording(self) -> None:
        """Record nothing more of this test."""
        self._transcript.stop()
        self._recorder.stop()

    def free_handles(self) -> None:
        """End a test group: its objects in the worker are dropped. A worker that cannot do even that is replaced."""
        with contextlib.suppress(StudentFailure):
            self._session.end_group()

    def renew(self) -> None:
        """Take a new worker at the next call."""
        self._session.drop()

    def close(self) -> None:
        """End the workers."""
        self._session.close()

    # Drivers: what a test may ask of the worker beyond calling.

    def vjp(
        self,
        target: str | Function,
        args: Sequence[Any],
        upstream: Tensor,
        kwargs: Mapping[str, Any] | None = None,
    ) -> tuple[Any, tuple[Tensor | None, ...]]:
        """Output and gradients of sum(out * upstream) for every floating tensor among `args`."""
        function = getattr(self, target) if isinstance(target, str) else target
        where = [i for i, arg in enumerate(args) if isinstance(arg, Tensor) and arg.is_floating_point()]
        asked = function.options(requires_grad=where, upstream=upstream, want=("out", "grads"))
        result = asked(*args, **(kwargs or {}))
        return result.out, result.grads

    def tiny_classifier(
        self, num_features: int, num_classes: int, learning_rate: float | None = None
    ) -> Handle:
        """The student's `Classifier` around the worker's own `nn.Sequential(Flatten, Linear)`, float32."""
        self._refuse_unavailable("Classifier")
        settings = {"num_features": num_features, "num_classes": num_classes, "learning_rate": learning_rate}
        return self._expect(Handle, self.drive("tiny_classifier", **settings))

    def train_steps(
        self, module: Handle, n: int, batch: Sequence[Any], optimizer: str | tuple[str, float] = "own"
    ) -> dict[str, Tensor]:
        """Take `n` steps with the module's own `training_step` on one batch: {"losses": (n) float64}.

        optimizer: "own" (its `configure_optimizers`) or ("sgd", learning rate).
        """
        losses = self.drive("train_steps", module=module, n=n, batch=tuple(batch), optimizer=optimizer)
        return self._tensors(losses)

    def optimizer_steps(self, module: Handle, gradients: Sequence[Mapping[str, Tensor]]) -> None:
        """Take a step of the module's own optimizer (`configure_optimizers`) for each {parameter: gradient}.

        So the optimizer is seen by itself: what the module's loss would give does not matter.
        """
        self.drive("optimizer_steps", module=module, gradients=[dict(step) for step in gradients])

    def fit(
        self,
        seed: int,
        cpu_s: float | None = None,
        data: tuple[Tensor, Tensor] | None = None,
        parts: Mapping[str, tuple[Tensor, Tensor]] | None = None,
    ) -> Handle:
        """Train with the student's `train_seminar`, within the manifest's training limits.

        data: images (N, 28, 28) uint8 and labels (N) that replace the training part of the digits; a small part has
        less time, so that a training that hangs does not hold up the class in every test.
        parts: the same for each part by its name ("train", "val", "test"), of the size that the digits have.

        What a training that is not small took is added to `trainings`.
        """
        self._refuse_unavailable("train_seminar")
        self._transcript.stop()
        arrays: Arrays = {}
        replaced = {"train": data} if data is not None else dict(parts or {})
        arguments = {"seed": seed, "parts": self._session.encode(replaced, arrays)}
        limit = self._limits.train_cpu_s if cpu_s is None else min(cpu_s, self._limits.train_cpu_s)
        message = self._session.watched({"op": "driver", "name": "fit", "args": arguments})
        wall_s = self._limits.train_wall_s
        if data is not None:
            wall_s = min(wall_s, SMALL_TRAINING * self._limits.test_s)
        out = self._session.train(message, arrays, limit, wall_s).get("out")
        if data is None:
            self.trainings.append(self._session.trained_s)
        return self._expect(Handle, out)

    def predict(self, module: Handle, x: Tensor, batch_size: int = 500) -> Tensor:
        """Outputs for all of `x`, in evaluation mode, without gradients; the mode is restored.

        What the network draws at random is the same in each call.
        """
        return self._expect(Tensor, self.drive("predict", module=module, x=x, batch_size=batch_size))

    def layer_calls(
        self, module: Handle, x: Tensor
    ) -> tuple[list[tuple[str, str]], list[Tensor], list[Tensor], Tensor]:
        """Layers (name, type) with parameters in the order of their calls, what went in, what came out; the output.

        In evaluation mode, without gradients. What stands in plain lists is not seen.
        """
        found = self._expect(dict, self.drive("layer_calls", module=module, x=x))
        layers = self._expect(list, found.get("layers"))
        inputs, outputs = (self._expect(list, found.get(key)) for key in ("inputs", "outputs"))
        if not len(layers) == len(inputs) == len(outputs):
            self._session.refuse("layers, inputs and outputs are not equally many")
        for row in layers:
            if type(row) is not tuple or tuple(map(type, row)) != (str, str):
                self._session.refuse("a row of the layers is wrong")
        tensors = [[self._expect(Tensor, item) for item in part] for part in (inputs, outputs)]
        return layers, tensors[0], tensors[1], self._expect(Tensor, found.get("output"))

    def evaluate(
        self, module: Handle, x: Tensor, y: Tensor, batch_size: int = 500, stage: str = "validate"
    ) -> dict[str, float]:
        """The metrics that Lightning's `Trainer.validate` or `Trainer.test` (`stage`) collects over (x, y)."""
        metrics = self.drive("evaluate", module=module, x=x, y=y, batch_size=batch_size, stage=stage)
        return {key: self._expect(float, value) for key, value in self._expect(dict, metrics).items()}

    def passes(self, data: Handle, part: str, count: int = 1) -> list[list[Any]]:
        """Batches of `count` passes through the loader that a data module gives for "train", "val" or "test".

        What the loader draws at random is the same each time. A batch is whatever it gave, a list as a tuple.
        """
        found = self._expect(list, self.drive("passes", data=data, part=part, count=count))
        return [self._expect(list, one) for one in found]

    def state_dict(self, module: Handle) -> dict[str, Tensor]:
        """Parameters and buffers."""
        return self._tensors(self.drive("state_dict", module=module))

    def load_state_dict(self, module: Handle, state: Mapping[str, Tensor]) -> None:
        """Load strictly."""
        self.drive("load_state_dict", module=module, state=dict(state))

    def parameters(self, module: Handle, *, unregistered: bool = False) -> dict[str, Tensor]:
        """Each parameter once, by its first name; no buffers.

        unregistered: also those of layers in plain lists, tuples and dicts, of which nn.Module does not know.
        """
        return self._tensors(self.drive("parameters", module=module, unregistered=unregistered))

    def set_parameters(self, module: Handle, values: Mapping[str, Tensor]) -> None:
        """Give parameters these values, by the names that `parameters` gave; the others keep theirs."""
        self.drive("set_parameters", module=module, values=dict(values))

    def load_checkpoint(self, module: Handle, state: Mapping[str, Tensor]) -> None:
        """Load what `checkpoint` gave strictly, Lightning's names of weights turned into the network's own."""
        self.load_state_dict(module, names_of_network(state, self.state_dict(module)))

    def mode(self, module: Handle) -> bool:
        """The `training` flag."""
        return self._expect(bool, self.drive("mode", module=module))

    def set_mode(self, module: Handle, training: bool) -> None:
        """`module.train(training)`."""
        self.drive("set_mode", module=module, training=training)

    def module_table(self, module: Handle) -> list[tuple[str, str, int]]:
        """(name, type, number of parameters) of every submodule."""
        rows = self._expect(list, self.drive("module_table", module=module))
        for row in rows:
            if type(row) is not tuple or tuple(map(type, row)) != (str, str, int):
                self._session.refuse("a row of the module table is wrong")
        return rows

    def blueprint(self, name: str, **arguments: Any) -> tuple[dict[str, tuple[int, ...]], int]:
        """Shapes of all that the state dict of a task's network holds, and the number of its trainable numbers.

        The network is built without numbers (torch's `meta` device): for those that are too large for a test.
        """
        self._refuse_unavailable(name)
        plan = self.drive("blueprint", target=str(self._symbols[name]), arguments=dict(arguments))
        plan = self._expect(dict, plan)
        shapes = {}
        for key, shape in self._expect(dict, plan.get("shapes")).items():
            if type(key) is not str or type(shape) is not tuple or any(type(n) is not int for n in shape):
                self._session.refuse("a shape of the blueprint is wrong")
            shapes[key] = shape
        return shapes, self._expect(int, plan.get("trainable"))

    def parameter_gradients(self, module: Handle, x: Tensor, upstream: Tensor) -> dict[str, Tensor | None]:
        """Gradient of sum(module(x) * upstream) for every trainable parameter; None where none arrives."""
        gradients = self.drive("parameter_gradients", module=module, x=x, upstream=upstream)
        gradients = self._expect(dict, gradients)
        return {
            str(key): None if item is None else self._expect(Tensor, item) for key, item in gradients.items()
        }

    def make(self, driver: str, called: str = "", **arguments: Any) -> Handle:
        """What `network`, `loader` or `reader` makes of plain values: no student's object, the same in this process.

        called: what it is, for the words about a call that it is given to.
        """
        handle = self._expect(Handle, self.drive(driver, **arguments))
        handle.made = Made(driver, arguments, called)
        return handle

    def condition(self, module: Handle) -> dict[str, Any]:
        """Number of "hooks", "gradients" and "frozen" weights of a network, and the "training" flag of each part."""
        condition = self._expect(dict, self.drive("condition", module=module))
        return {key: self._expect(kind, condition.get(key)) for key, kind in CONDITION.items()}

    def traces(self, name: str, *args: Any, **kwargs: Any) -> dict[str, bool]:
        """Call a task's function: whether its "output", or afterwards its "arguments", want gradients."""
        self._refuse_unavailable(name)
        target = str(self._symbols[name])
        wanting = self._expect(dict, self.drive("traces", target=target, arguments=args, options=kwargs))
        return {key: self._expect(bool, wanting.get(key)) for key in ("output", "arguments")}

    def keywords(self, name: str) -> list[str]:
        """Names by which a task's function takes its positional arguments; "" for one that has no such name."""
        self._refuse_unavailable(name)
        found = self._expect(list, self.drive("keywords", target=str(self._symbols[name])))
        return [self._expect(str, one) for one in found]

    def checkpoint(self) -> dict[str, Tensor] | None:
        """Tensors of the handed-in checkpoint, read in the worker; None when none was handed in."""
        if self._checkpoint is None:
            return None
        return self._tensors(self.drive("checkpoint", data=np.frombuffer(self._checkpoint, np.uint8)))

    def drive(self, name: str, **arguments: Any) -> Any:
        """What the driver `name` gives, unchecked: the methods above say what each is for."""
        arrays: Arrays = {}
        encoded = {key: self._session.encode(value, arrays) for key, value in arguments.items()}
        message = self._session.watched({"op": "driver", "name": name, "args": encoded})
        limit = self._limits.test_s / 2 if name in LONG_DRIVERS else self._limits.call_s
        answered = self._transcript.ask("driver", name, None, (), arguments)
        try:
            out = self._session.request(message, arrays, limit).get("out")
        except StudentFailure as error:
            answered(error)
            raise
        answered({"out": out})
        return out

    # Requests.

    def _refuse_unavailable(self, name: str) -> None:
        """Raises: StudentFailure when a driver would need a symbol that could not be loaded."""
        symbol = self._symbols.get(name)
        if symbol is not None:
            unavailable = self._session.home.unavailable
            failure = unavailable.get(str(symbol)) or unavailable.get(symbol.module)
            if failure is not None:
                raise failure.with_traceback(None)

    def _call(self, function: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> CallResult:
        target, options = function._target, function._options or {}
        if function._owner is not None:
            self._session.check_alive(function._owner.remote)
        else:
            self._refuse_unavailable(function._name)
        arrays: Arrays = {}
        encode = self._session.encode
        message = {
            "op": "call",
            "target": target,
            "args": [encode(arg, arrays) for arg in args],
            "kwargs": {key: encode(value, arrays) for key, value in kwargs.items()},
            "options": {key: encode(value, arrays) for key, value in options.items() if key not in KEPT},
        }
        if options.get("watched", True):
            message = self._session.watched(message)
        record = None
        if function._owner is None:
            plain = {key: _plain(value) for key, value in kwargs.items()}
            record = self._recorder.prepare(function._name, tuple(map(_plain, args)), plain, options)
        kind: Kind = "symbol" if function._owner is None else "object"
        name = function._name if function._owner is None else target[2] or ""
        answered = self._transcript.ask(kind, name, function._owner, args, kwargs, function._options)
        started = time.monotonic()
        try:
            values = self._session.request(message, arrays, options.get("call_s") or self._limits.call_s)
            result = self._checked(values, time.monotonic() - started)
        except StudentFailure as error:
            self._recorder.keep(record, CallResult(), error)
            answered(error)
            raise
        self._recorder.keep(record, result, None)
        answered({"out": result.out, "inputs_after": result.inputs_after, "grads": result.grads})
        return result

    def _checked(self, values: Mapping[str, Any], seconds: float) -> CallResult:
        try:
            return call_result(values, seconds)
        except ProtocolError as error:
            self._session.refuse(str(error))

    def _expect(self, kind: type[T], value: object) -> T:
        """What a driver gives has a fixed type; the driver runs beside the student's code, so it is checked."""
        if not isinstance(value, kind):
            self._session.refuse(f"a {kind.__name__} was expected")
        return value

    def _tensors(self, value: object) -> dict[str, Tensor]:
        return {str(key): self._expect(Tensor, item) for key, item in self._expect(dict, value).items()}


def _plain(value: Any) -> Any:
    """What stands in a record for an argument."""
    return value.made if isinstance(value, Handle) and value.made is not None else value
