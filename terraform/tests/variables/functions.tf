# The variables of this project alone, so that what they refuse is seen without a plan of everything. A variable is compared with these.
locals {
  functions = { upload = {} }
}
