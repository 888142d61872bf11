"""Nova's own ComputeManager with its FakeDriver and an in-memory SQLite database, on Nova's own test fixtures.

Needs Debian's python3-nova with python3-oslotest, python3-ddt, python3-requests-mock and python3-wsgi-intercept.

Reads requests from standard input, one JSON object a line, and answers each with one line:
    {"run": "lifecycle", "cycles": 2}        -> {"operations", "manager": COST, "request": COST}
    {"run": "decorators", "calls": 10000}    -> {"bareUs", "decoratedUs"}
where COST is {"seconds", "cpuMs", "sqlStatements"}: of the manager's method alone, and of that with what Nova's API and its
RPC do around it on every request (read the instance, set the task state, record the action).
"""

import json
import os
import sys
import time
import warnings

warnings.simplefilter('ignore')
# Answers go out here; whatever Nova prints goes to standard error, so that it cannot be taken for one.
answers = os.fdopen(os.dup(1), 'w')
os.dup2(2, 1)
# Nova's test fixtures keep the log in memory otherwise, and print it at the end.
os.environ['OS_DEBUG'] = '0'

from nova.tests.unit.compute import test_compute  # noqa: E402  (it patches the interpreter, and must come first)

import logging  # noqa: E402

import sqlalchemy.event  # noqa: E402
import sqlalchemy.engine  # noqa: E402

import nova.exception_wrapper  # noqa: E402
from nova import context, objects  # noqa: E402
from nova.compute import manager, task_states, utils  # noqa: E402
from nova.compute import vm_states  # noqa: E402
from nova.tests.unit import fake_server_actions  # noqa: E402

# The records of actions are part of what is measured: the fixtures would leave them out.
fake_server_actions.stub_out_action_events = lambda test: None


class Cost:
    """What has been spent while it was the present one."""

    statements = 0

    def __init__(self):
        self.seconds = self.cpu_seconds = self.sql_statements = 0

    def __enter__(self):
        self.before = time.perf_counter(), time.process_time(), Cost.statements

    def __exit__(self, *_failure):
        self.seconds += time.perf_counter() - self.before[0]
        self.cpu_seconds += time.process_time() - self.before[1]
        self.sql_statements += Cost.statements - self.before[2]

    def answer(self):
        return {'seconds': self.seconds, 'cpuMs': self.cpu_seconds * 1000, 'sqlStatements': self.sql_statements}


@sqlalchemy.event.listens_for(sqlalchemy.engine.Engine, 'before_cursor_execute')
def count(*_args):
    Cost.statements += 1


class Host(test_compute.BaseTestCase):
    """A compute host with one running instance. Nobody asserts anything in it."""

    def runTest(self):
        pass

    def prepare(self):
        # As a service in production logs: information and above, to nowhere.
        logging.getLogger().setLevel(logging.WARNING)
        self.uuid = self._create_fake_instance_obj({'vm_state': vm_states.ACTIVE, 'task_state': None}).uuid
        instance = objects.Instance.get_by_uuid(self.context, self.uuid)
        self.compute.driver.spawn(self.context, instance, None, [], None, {}, [], None)

    def one(self, action, task_state, call):
        """What a request does on the host: an action record, the task state, the manager's method."""
        ctxt = context.RequestContext('fake', 'fake', is_admin=True)
        instance = objects.Instance.get_by_uuid(ctxt, self.uuid, expected_attrs=['flavor', 'system_metadata'])
        instance.task_state = task_state
        instance.save(expected_task_state=[None])
        objects.InstanceAction.action_start(ctxt, self.uuid, action, want_result=False)
        with self.manager_cost:
            call(ctxt, instance)

    def cycle(self):
        compute = self.compute
        self.one('reboot', task_states.REBOOTING_HARD, lambda c, i: compute.reboot_instance(c, i, None, 'HARD'))
        self.one('pause', task_states.PAUSING, compute.pause_instance)
        self.one('unpause', task_states.UNPAUSING, compute.unpause_instance)
        self.one('suspend', task_states.SUSPENDING, compute.suspend_instance)
        self.one('resume', task_states.RESUMING, compute.resume_instance)
        self.one('stop', task_states.POWERING_OFF, lambda c, i: compute.stop_instance(c, i, True))
        self.one('start', task_states.POWERING_ON, compute.start_instance)
        return 7

    def lifecycle(self, cycles):
        self.manager_cost, request_cost, operations = Cost(), Cost(), 0
        with request_cost:
            for _ in range(cycles):
                operations += self.cycle()
        instance = objects.Instance.get_by_uuid(self.context, self.uuid)
        if (instance.vm_state, instance.task_state) != (vm_states.ACTIVE, None):
            raise RuntimeError('after the cycle the instance is %s, %s' % (instance.vm_state, instance.task_state))
        return {'operations': operations, 'manager': self.manager_cost.answer(), 'request': request_cost.answer()}


class Methods:
    host = 'host-1'

    def bare(self, context, instance):
        pass

    @nova.exception_wrapper.wrap_exception(service='compute', binary='nova-compute')
    @manager.reverts_task_state
    @utils.wrap_instance_event('compute')
    @manager.wrap_instance_fault
    def decorated(self, context, instance):
        pass


def decorators(host, calls):
    """With an event record that goes nowhere, like the recorders on our side."""
    event = objects.InstanceActionEvent
    kept = event.event_start, event.event_finish_with_failure
    event.event_start = classmethod(lambda cls, *args, **kwargs: None)
    event.event_finish_with_failure = classmethod(lambda cls, *args, **kwargs: None)
    try:
        instance = objects.Instance.get_by_uuid(host.context, host.uuid)
        methods = Methods()
        return {
            'bareUs': microseconds(lambda: methods.bare(host.context, instance=instance), calls),
            'decoratedUs': microseconds(lambda: methods.decorated(host.context, instance=instance), calls),
        }
    finally:
        event.event_start, event.event_finish_with_failure = kept


def microseconds(call, calls):
    begun = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - begun) / calls * 1e6


def main():
    host = Host('runTest')
    host.setUp()
    try:
        host.prepare()
        for line in sys.stdin:
            request = json.loads(line)
            if request['run'] == 'lifecycle':
                answer = host.lifecycle(request['cycles'])
            else:
                answer = decorators(host, request['calls'])
            print(json.dumps(answer), file=answers, flush=True)
    finally:
        host.doCleanups()


main()
