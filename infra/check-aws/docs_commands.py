"""Checks commands of the AWS CLI without sending them.

Reads a JSON list of argument lists from standard input, each without "aws". Prints a JSON list of the same length: null, or why the
CLI rejects the command. The CLI parses each command and botocore validates its parameters; the request is not sent.
"""

import argparse
import contextlib
import io
import json
import os
import sys

from awscli.clidriver import create_clidriver
from botocore.awsrequest import AWSResponse

os.environ.update(
    AWS_ACCESS_KEY_ID="none",
    AWS_SECRET_ACCESS_KEY="none",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
)
# Without abbreviations: --enable is not accepted for --enabled.
argparse.ArgumentParser._get_option_tuples = lambda *_: []
MISSING = "the following arguments are required"


def reply(**_):
    """Responds in place of AWS."""
    return AWSResponse("http://none", 200, {}, None), {}


def check_values(params, model, **_):
    """botocore does not check the values of enumerations."""
    for name, value in params.items():
        allowed = getattr(model.input_shape.members.get(name), "enum", None)
        if allowed and value not in allowed:
            raise ValueError(f"{name}: {value} is not one of {', '.join(allowed)}")


def reason_against(arguments):
    output = io.StringIO()
    driver = create_clidriver()
    driver.session.register("before-call", reply)
    driver.session.register("before-parameter-build", check_values)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(output):
        try:
            code = driver.main(arguments)
        except SystemExit as exit:
            code = exit.code
    lines = [line for line in output.getvalue().splitlines() if line.strip()]
    errors = [line.partition("error: ")[2] for line in lines if "error: " in line]
    reason = (errors + lines[-1:] + ["rejected"])[0]
    # A command that is only mentioned has no options.
    if code == 0 or (len(arguments) == 2 and MISSING in output.getvalue()):
        return None
    return reason


json.dump([reason_against(arguments) for arguments in json.load(sys.stdin)], sys.stdout)
