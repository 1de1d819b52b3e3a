#pragma once

namespace rookery::rookeryctl {

/// The whole life of the operator's tool. Returns the exit status:
///   0   done, nothing to complain about
///   1   the answer is "no": topics differ, the doctor found something
///   64  the command line is not understood
///   69  the broker does not answer
///   70  another failure
///   78  the settings are wrong or an order was refused: a repetition will not help
int run(int argc, char** argv);

}  // namespace rookery::rookeryctl
